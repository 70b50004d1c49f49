// Routes about artifacts: bytes in, bytes out, and what is known of them.

import Type from "typebox";
import { ARTIFACT_RETENTIONS, ArtifactPage, ArtifactSchema, PreviewSchema } from "./agent-api.ts";
import { PageQuery } from "./common-schema.ts";
import type { Route } from "./route.ts";

export const ARTIFACT_ROUTES = {
  uploadArtifact: {
    method: "POST",
    path: "/artifact/upload",
    scope: "write:artifact",
    status: 201,
    tag: "artifact",
    summary: "Store the raw body under a name",
    query: Type.Object({
      name: Type.String({ minLength: 1, maxLength: 255 }),
      retention: Type.Optional(Type.Enum([...ARTIFACT_RETENTIONS])),
    }),
    consumes: "application/octet-stream",
    response: ArtifactSchema,
  },
  searchArtifacts: {
    method: "GET",
    path: "/artifact/search",
    scope: "read:artifact",
    status: 200,
    tag: "artifact",
    summary: "Artifacts by name, plan or media type",
    query: Type.Object({
      ...PageQuery,
      q: Type.Optional(Type.String({ maxLength: 255 })),
      plan_id: Type.Optional(Type.String()),
      media_type: Type.Optional(Type.String()),
    }),
    response: ArtifactPage,
  },
  artifact: {
    method: "GET",
    path: "/artifact/:artifact_id",
    scope: "read:artifact",
    status: 200,
    tag: "artifact",
    summary: "Metadata of an artifact",
    response: ArtifactSchema,
  },
  artifactContent: {
    method: "GET",
    path: "/artifact/:artifact_id/content",
    scope: "read:artifact",
    status: 200,
    tag: "artifact",
    summary: "Bytes of an artifact; takes a Range",
    produces: "application/octet-stream",
  },
  previewArtifact: {
    method: "POST",
    path: "/artifact/:artifact_id/preview",
    scope: "read:artifact",
    status: 201,
    tag: "artifact",
    summary: "A one-time address of another origin where a browser can show the artifact without trusting it",
    response: PreviewSchema,
  },
  artifactVersions: {
    method: "GET",
    path: "/artifact/:artifact_id/versions",
    scope: "read:artifact",
    status: 200,
    tag: "artifact",
    summary: "All versions that share this artifact's name",
    query: Type.Object(PageQuery),
    response: ArtifactPage,
  },
} as const satisfies Readonly<Record<string, Route>>;

// Routes about artifacts: bytes in, bytes out, and what is known of them.

import Type from "typebox";
import { ARTIFACT_RETENTIONS, ArtifactPage, ArtifactSchema, NewShareSchema, PreviewSchema, ShareSchema } from "./agent-api.ts";
import { PageQuery } from "./common-schema.ts";
import type { Route } from "./route.ts";

const DAY_MS = 86_400_000;
export const DEFAULT_SHARED_MS = DAY_MS;
const MOST_SHARED_MS = 30 * DAY_MS;

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
  shareArtifact: {
    method: "POST",
    path: "/artifact/:artifact_id/share",
    scope: "write:artifact",
    status: 201,
    tag: "artifact",
    summary: "A signed address where the artifact can be fetched without a token for a while",
    body: Type.Object(
      { lifetime_ms: Type.Optional(Type.Integer({ minimum: 1000, maximum: MOST_SHARED_MS, default: DEFAULT_SHARED_MS })) },
      { additionalProperties: false },
    ),
    response: NewShareSchema,
  },
  artifactShares: {
    method: "GET",
    path: "/artifact/:artifact_id/share",
    scope: "read:artifact",
    status: 200,
    tag: "artifact",
    summary: "The links of an artifact that are still good",
    response: Type.Object({ items: Type.Array(ShareSchema) }),
  },
  unshareArtifact: {
    method: "DELETE",
    path: "/artifact/:artifact_id/share/:share_id",
    scope: "write:artifact",
    status: 200,
    tag: "artifact",
    summary: "Take a link back",
    response: ShareSchema,
  },
  sharedArtifact: {
    method: "GET",
    path: "/artifact/shared/:token",
    scope: "open",
    status: 200,
    tag: "artifact",
    summary: "Bytes of a shared artifact; takes a Range",
    produces: "application/octet-stream",
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

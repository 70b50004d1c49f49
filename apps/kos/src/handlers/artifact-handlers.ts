// Routes about artifacts.

import { type Artifact, DEFAULT_SHARED_MS } from "@kos/api";
import { type ArtifactIndex, contentResponse, noGood, previewResponse, type ShareLinks, type UploadHandler } from "@kos/artifact-manager";
import type { ContentDoor, HandlerRequest, Handlers } from "@kos/gateway";
import { KosError } from "@kos/klp";

export interface ArtifactHandlerOptions {
  readonly index: ArtifactIndex;
  readonly uploads: UploadHandler;
  readonly shares: ShareLinks;
  /** Where the node is, without a slash at the end. */
  readonly url: () => string;
  /** Resolves once what plans have written so far is listed. */
  readonly settle: () => Promise<void>;
  readonly contentDoor: Pick<ContentDoor, "offer">;
  /** Origins under which the console is open. */
  readonly consoleOrigins: () => readonly string[];
}

type ArtifactRoutes =
  | "uploadArtifact"
  | "searchArtifacts"
  | "artifact"
  | "artifactContent"
  | "previewArtifact"
  | "artifactVersions"
  | "shareArtifact"
  | "artifactShares"
  | "unshareArtifact"
  | "sharedArtifact";

export function artifactHandlers(options: ArtifactHandlerOptions): Pick<Handlers, ArtifactRoutes> {
  const { index, uploads, shares, settle } = options;

  async function find(tenant: string, params: Readonly<Record<string, string>>) {
    const id = params["artifact_id"] ?? "";
    const artifact = await index.get(tenant, id);
    if (!artifact) throw new KosError("NOT_FOUND", `There is no artifact ${id.slice(0, 64)}. \`kai artifact list\` shows those there are.`);
    return artifact;
  }

  async function send(tenant: string, artifact: Artifact, { range, signal }: Pick<HandlerRequest<"artifactContent">, "range" | "signal">) {
    const { status, headers, range: wanted } = contentResponse(artifact, { range });
    if (wanted === undefined) return { status, headers, body: "" };
    const { content } = await index.content(tenant, artifact.artifact_id, { ...wanted, signal });
    return { status, headers, body: content };
  }

  return {
    uploadArtifact: ({ query, caller, upload, mediaType, signal }) =>
      uploads.upload({
        tenant: caller.tenant,
        name: query.name,
        content_type: mediaType,
        body: upload ?? emptyBody(),
        created_by: caller.subject,
        ...(query.retention !== undefined && { retention: query.retention }),
        signal,
      }),
    async searchArtifacts({ query, caller }) {
      await settle();
      const { items, next_cursor } = await index.search({ tenant: caller.tenant, ...query });
      return { items: [...items], next_cursor };
    },
    artifact: ({ params, caller }) => find(caller.tenant, params),
    async artifactContent(request) {
      const { tenant } = request.caller;
      return send(tenant, await find(tenant, request.params), request);
    },
    async shareArtifact({ params, body, caller }) {
      const { artifact_id } = await find(caller.tenant, params);
      const { share, token } = await shares.create({
        tenant: caller.tenant,
        artifact_id,
        created_by: caller.subject,
        lifetime_ms: body.lifetime_ms ?? DEFAULT_SHARED_MS,
      });
      return { ...share, url: `${options.url()}/artifact/shared/${token}` };
    },
    async artifactShares({ params, caller }) {
      const { artifact_id } = await find(caller.tenant, params);
      return { items: [...(await shares.list(caller.tenant, artifact_id))] };
    },
    unshareArtifact: ({ params, caller }) => shares.revoke(caller.tenant, params["artifact_id"] ?? "", params["share_id"] ?? ""),
    async sharedArtifact(request) {
      const { tenant, artifact_id } = await shares.open(request.params["token"] ?? "");
      const artifact = await index.get(tenant, artifact_id);
      if (!artifact) throw noGood();
      return send(tenant, artifact, request);
    },
    async previewArtifact({ params, caller }) {
      const artifact = await find(caller.tenant, params);
      const { status, headers, bytes } = previewResponse(artifact, options.consoleOrigins());
      const { url, expiresAtMs } = options.contentDoor.offer(async (signal) => {
        const { content } = await index.content(caller.tenant, artifact.artifact_id, { start: 0, end: bytes, signal });
        return { status, headers, body: content };
      });
      return { url, expires_at: new Date(expiresAtMs).toISOString() };
    },
    async artifactVersions({ params, query, caller }) {
      const { items, next_cursor } = await index.versions(params["artifact_id"] ?? "", { tenant: caller.tenant, ...query });
      return { items: [...items], next_cursor };
    },
  };
}

async function* emptyBody(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array();
}

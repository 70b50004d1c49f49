export { type ArtifactIndex, createArtifactIndex } from "./ArtifactIndex.ts";
export { ARTIFACT_MIGRATIONS } from "./artifact-tables.ts";
export { contentResponse } from "./content-response.ts";
export { previewResponse } from "./PreviewRenderer.ts";
export { createShareLinks, noGood, type ShareLinks } from "./ShareLink.ts";
export { createUploadHandler, type UploadHandler } from "./UploadHandler.ts";

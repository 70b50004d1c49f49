export {
  type ArtifactContent,
  type ArtifactIndex,
  type ArtifactIndexOptions,
  type ArtifactPage,
  type ArtifactSearch,
  createArtifactIndex,
  type NewArtifact,
  type PageRequest,
} from "./ArtifactIndex.ts";
export { ARTIFACT_MIGRATIONS } from "./artifact-tables.ts";
export { type ContentRequest, type ContentResponse, contentResponse } from "./content-response.ts";
export { createUploadHandler, type Upload, type UploadHandler, type UploadHandlerOptions } from "./UploadHandler.ts";

// The files a run has written: look at one, keep one.

import type { Artifact } from "@kos/api";
import { useConsole, useSignedIn } from "../app/console.ts";
import { formatBytes } from "../format/quantity.ts";
import { Button } from "../ui/button.tsx";
import { saveFile } from "./download.ts";
import { canPreview } from "./preview-kind.ts";

export interface ArtifactListProps {
  readonly label: string;
  readonly artifacts: readonly Artifact[];
  readonly shown: string | undefined;
  readonly onShow: (artifactId: string) => void;
}

export function ArtifactList({ label, artifacts, shown, onShow }: ArtifactListProps) {
  const { commands } = useConsole();
  const { client } = useSignedIn();
  const download = (artifact: Artifact) =>
    commands.run({
      id: "artifact.download",
      label: `Download ${artifact.name}`,
      group: "Files",
      async perform() {
        const response = await client.open("artifactContent", { params: { artifact_id: artifact.artifact_id } });
        saveFile(await response.blob(), artifact.name);
      },
    });
  return (
    <ul aria-label={label} className="divide-y divide-line border-y border-line">
      {artifacts.map((artifact) => {
        const isShown = artifact.artifact_id === shown;
        return (
          <li key={artifact.artifact_id} className={`flex flex-wrap items-center gap-x-3 gap-y-2 px-2 py-2 ${isShown ? "bg-wash" : ""}`}>
            <div className="min-w-0 flex-1 basis-48">
              <p className="font-medium break-all">{artifact.name}</p>
              <p className="text-2xs text-quiet">
                {formatBytes(artifact.bytes)} · {artifact.media_type}
                {artifact.labels.length > 0 && ` · ${artifact.labels.join(", ")}`}
              </p>
            </div>
            <div className="flex shrink-0 gap-1.5">
              {canPreview(artifact) && (
                <Button aria-pressed={isShown} aria-label={`Show ${artifact.name}`} onClick={() => onShow(artifact.artifact_id)}>
                  Show
                </Button>
              )}
              <Button aria-label={`Download ${artifact.name}`} onClick={() => download(artifact)}>
                Download
              </Button>
            </div>
          </li>
        );
      })}
    </ul>
  );
}

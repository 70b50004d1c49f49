// An artifact shown without trusting it: in a frame of another origin, locked by the frame and again by the node's own headers, under an
// address that is good once. Neither the token nor anything of this page is within its reach.

import type { Artifact } from "@kos/api";
import { useSignedIn } from "../app/console.ts";
import { useResource } from "../data/use-resource.ts";
import { Loading } from "../ui/empty.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";

export function Preview({ artifact }: { readonly artifact: Artifact }) {
  const { client } = useSignedIn();
  const id = artifact.artifact_id;
  const offer = useResource(`preview ${id}`, (signal) => client.call("previewArtifact", { params: { artifact_id: id } }, { signal }));
  if (offer.error !== undefined)
    return <ProblemNote error={offer.error} title={`${artifact.name} cannot be shown.`} onRetry={offer.reload} />;
  if (offer.value === undefined) return <Loading what="the preview" />;
  return (
    <iframe
      key={offer.value.url}
      src={offer.value.url}
      title={`Preview of ${artifact.name}`}
      sandbox=""
      referrerPolicy="no-referrer"
      className="h-[min(70vh,48rem)] w-full rounded-lg border border-line bg-white [color-scheme:light]"
    />
  );
}

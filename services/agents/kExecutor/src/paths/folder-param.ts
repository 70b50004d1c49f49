// A folder as it stands in the input of a capability.

import Type from "typebox";

/** `what` says which folder it is, as a sentence. */
export const FolderParam = (what: string) =>
  Type.String({
    title: "Folder",
    description: `${what} It must lie under a granted folder.`,
    minLength: 1,
    maxLength: 4096,
    "x-kos-type": "fs.path",
    "x-kos-sink": "control",
  });

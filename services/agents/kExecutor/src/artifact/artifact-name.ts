// The name under which a capability writes its artifacts, without the ending, as it stands in its input.

import Type from "typebox";

export const ArtifactNameParam = (name: string, description: string) =>
  Type.Optional(Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", default: name, title: "Name", description }));

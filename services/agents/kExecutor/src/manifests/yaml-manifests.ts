// Manifests in YAML: pub, conda.

import { keysGroup, type ManifestFacts, stringsOf, tableOf } from "./manifest-facts.ts";
import { requirementName } from "./toml-manifests.ts";
import { parseYamlText } from "./yaml-text.ts";

export function parsePubspec(text: string): ManifestFacts {
  const document = tableOf(parseYamlText(text));
  const version = document["version"];
  return {
    name: document["name"],
    version: typeof version === "number" ? String(version) : version,
    groups: ["dependencies", "dev_dependencies"].map((group) => keysGroup(group, document[group])),
  };
}

export function parseCondaEnvironment(text: string): ManifestFacts {
  const document = tableOf(parseYamlText(text));
  const listed: readonly unknown[] = Array.isArray(document["dependencies"]) ? document["dependencies"] : [];
  return {
    name: document["name"],
    groups: [
      { group: "conda", names: stringsOf(listed).flatMap((item) => requirementName(item.replace(/^.*::/, "")) ?? []) },
      { group: "pip", names: listed.flatMap((item) => stringsOf(tableOf(item)["pip"])).flatMap((item) => requirementName(item) ?? []) },
    ],
  };
}

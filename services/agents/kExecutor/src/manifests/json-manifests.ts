// Manifests in JSON: npm, Deno, Composer, vcpkg.

import { keysGroup, type ManifestFacts, tableOf } from "./manifest-facts.ts";
import { parseJsonText, parseYamlText } from "./yaml-text.ts";

export function parsePackageJson(text: string): ManifestFacts {
  const document = topTable(parseJsonText(text));
  const licence = document["license"] ?? document["licenses"];
  const groups = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];
  return {
    name: document["name"],
    version: document["version"],
    licence: Array.isArray(licence) ? licence.map(licenceName).join(" OR ") : licenceName(licence),
    groups: groups.map((group) => keysGroup(group, document[group])),
  };
}

export function parseComposerJson(text: string): ManifestFacts {
  const document = topTable(parseJsonText(text));
  const licence = document["license"];
  const groups = ["require", "require-dev"].map((group) => {
    const { names } = keysGroup(group, document[group]);
    return { group, names: names.filter((name) => name.includes("/")) };
  });
  return { name: document["name"], version: document["version"], licence: Array.isArray(licence) ? licence.join(" OR ") : licence, groups };
}

/** Deno allows comments in its JSON, which a YAML parser cannot read but this one strips. */
export function parseDenoJson(text: string): ManifestFacts {
  const document = topTable(parseYamlText(stripComments(text)));
  return {
    name: document["name"],
    version: document["version"],
    licence: document["license"],
    groups: [keysGroup("imports", document["imports"])],
  };
}

export function parseVcpkgJson(text: string): ManifestFacts {
  const document = topTable(parseJsonText(text));
  const listed = Array.isArray(document["dependencies"]) ? document["dependencies"] : [];
  const names = listed
    .map((item: unknown) => (typeof item === "string" ? item : tableOf(item)["name"]))
    .filter((name) => typeof name === "string");
  return {
    name: document["name"],
    version: document["version"] ?? document["version-string"],
    licence: document["license"],
    groups: [{ group: "dependencies", names }],
  };
}

function topTable(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("The document is not an object.");
  return tableOf(value);
}

function licenceName(value: unknown): unknown {
  return typeof value === "object" ? tableOf(value)["type"] : value;
}

function stripComments(text: string): string {
  return text.replace(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g, (match) => (match.startsWith('"') ? match : " "));
}

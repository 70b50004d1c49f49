// Manifests in TOML: pyproject, Pipfile, Cargo.

import { parse } from "smol-toml";
import { type DependencyGroup, keysGroup, type ManifestFacts, stringsOf, tableOf } from "./manifest-facts.ts";

export function parsePyproject(text: string): ManifestFacts {
  const document = tableOf(parse(text));
  const project = tableOf(document["project"]);
  const poetry = tableOf(tableOf(document["tool"])["poetry"]);
  const licence = project["license"] ?? poetry["license"];
  return {
    name: project["name"] ?? poetry["name"],
    version: project["version"] ?? poetry["version"],
    licence: typeof licence === "object" ? tableOf(licence)["text"] : licence,
    groups: [
      requirements("dependencies", project["dependencies"]),
      ...Object.entries(tableOf(project["optional-dependencies"])).map(([extra, list]) => requirements(`optional: ${extra}`, list)),
      ...Object.entries(tableOf(document["dependency-groups"])).map(([group, list]) => requirements(group, list)),
      requirements("build-system", tableOf(document["build-system"])["requires"]),
      ...poetryGroups(poetry),
    ],
  };
}

export function parsePipfile(text: string): ManifestFacts {
  const document = tableOf(parse(text));
  return { groups: [keysGroup("packages", document["packages"]), keysGroup("dev-packages", document["dev-packages"])] };
}

export function parseCargoToml(text: string): ManifestFacts {
  const document = tableOf(parse(text));
  const shared = tableOf(document["workspace"]);
  const crate = tableOf(document["package"]);
  const inherited = tableOf(shared["package"]);
  const groups = ["dependencies", "dev-dependencies", "build-dependencies"];
  return {
    name: crate["name"],
    version: textOr(crate["version"], inherited["version"]),
    licence: textOr(crate["license"], inherited["license"]),
    groups: [
      ...groups.map((group) => keysGroup(group, document[group])),
      ...Object.entries(tableOf(document["target"])).flatMap(([target, tables]) =>
        groups.map((group) => keysGroup(`${group} (${target})`, tableOf(tables)[group])),
      ),
      keysGroup("workspace.dependencies", shared["dependencies"]),
    ],
  };
}

function poetryGroups(poetry: Readonly<Record<string, unknown>>): readonly DependencyGroup[] {
  const main = keysGroup("dependencies", poetry["dependencies"]);
  return [
    { ...main, names: main.names.filter((name) => name !== "python") },
    keysGroup("dev-dependencies", poetry["dev-dependencies"]),
    ...Object.entries(tableOf(poetry["group"])).map(([group, table]) => keysGroup(group, tableOf(table)["dependencies"])),
  ];
}

function requirements(group: string, list: unknown): DependencyGroup {
  return { group, names: stringsOf(list).flatMap((text) => requirementName(text) ?? []) };
}

/** The name in a PEP 508 requirement, lower case with dashes, as pip compares names. */
export function requirementName(text: string): string | undefined {
  const name = /^\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)/.exec(text)?.[1];
  return name?.toLowerCase().replace(/[-_.]+/g, "-");
}

function textOr(value: unknown, inherited: unknown): unknown {
  return typeof value === "string" ? value : inherited;
}

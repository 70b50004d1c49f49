// Manifests in XML: Maven and NuGet. Entities that a document declares itself are not expanded but refused.

import { SaxesParser } from "saxes";
import type { DependencyGroup, ManifestFacts } from "./manifest-facts.ts";

export function parsePom(text: string): ManifestFacts {
  const values = new Map<string, string>();
  const groups = new Map<string, string[]>();
  let dependency = new Map<string, string>();
  readXml(text, {
    open: (path) => {
      if (path.endsWith("/dependency")) dependency = new Map();
    },
    close(path, content) {
      const tag = path.slice(path.lastIndexOf("/") + 1);
      const parent = path.slice(0, -tag.length - 1);
      if (parent.endsWith("/dependency")) dependency.set(tag, content);
      if (path.endsWith("dependencies/dependency")) addPomDependency(groups, path, dependency);
      if (!values.has(path)) values.set(path, content);
    },
  });
  return {
    name: values.get("project/artifactId"),
    version: values.get("project/version") ?? values.get("project/parent/version"),
    licence: values.get("project/licenses/license/name"),
    groups: groupsOf(groups),
  };
}

function addPomDependency(groups: Map<string, string[]>, path: string, dependency: ReadonlyMap<string, string>): void {
  const name = `${dependency.get("groupId") ?? "?"}:${dependency.get("artifactId") ?? "?"}`;
  if (path === "project/dependencies/dependency") put(groups, dependency.get("scope") ?? "compile", name);
  if (path === "project/dependencyManagement/dependencies/dependency") put(groups, "managed", name);
}

export function parseMsbuild(text: string): ManifestFacts {
  const values = new Map<string, string>();
  const groups = new Map<string, string[]>();
  readXml(text, {
    open(path, attributes) {
      const name = attributes["Include"] ?? attributes["Update"];
      if (/\/(?:PackageReference|PackageVersion|GlobalPackageReference)$/.test(path) && name !== undefined) put(groups, "packages", name);
    },
    close: (path, content) => values.set(path.slice(path.lastIndexOf("/") + 1), content),
  });
  return {
    name: values.get("PackageId") ?? values.get("AssemblyName"),
    version: values.get("Version") ?? values.get("VersionPrefix"),
    licence: values.get("PackageLicenseExpression"),
    groups: groupsOf(groups),
  };
}

export function parsePackagesConfig(text: string): ManifestFacts {
  const groups = new Map<string, string[]>();
  readXml(text, {
    open(path, attributes) {
      if (path === "packages/package" && attributes["id"] !== undefined) put(groups, "packages", attributes["id"]);
    },
    close: () => {},
  });
  return { groups: groupsOf(groups) };
}

interface XmlHandler {
  open(path: string, attributes: Readonly<Record<string, string>>): void;
  /** `content`: the text directly in the element, trimmed. */
  close(path: string, content: string): void;
}

const MAX_DEPTH = 200;

function readXml(text: string, handler: XmlHandler): void {
  const parser = new SaxesParser();
  const path: string[] = [];
  const contents: string[] = [];
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", (tag) => {
    if (path.length >= MAX_DEPTH) throw new Error(`${parser.line}: elements are nested deeper than ${MAX_DEPTH}`);
    path.push(tag.name);
    contents.push("");
    handler.open(path.join("/"), tag.attributes);
  });
  const addText = (piece: string) => {
    if (contents.length > 0) contents.push(`${contents.pop() ?? ""}${piece}`);
  };
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.on("closetag", () => {
    handler.close(path.join("/"), (contents.pop() ?? "").trim());
    path.pop();
  });
  parser.write(text).close();
}

function put(groups: Map<string, string[]>, group: string, name: string): void {
  const names = groups.get(group);
  if (names === undefined) groups.set(group, [name]);
  else names.push(name);
}

function groupsOf(groups: ReadonlyMap<string, readonly string[]>): readonly DependencyGroup[] {
  return [...groups].map(([group, names]) => ({ group, names }));
}

// Manifests that are programs or plain lists. They are read by pattern, never run: what a program computes is not seen.

import type { DependencyGroup, ManifestFacts } from "./manifest-facts.ts";
import { firstIn, groupIn, linesBetween, namesIn, sourceLines } from "./source-lines.ts";
import { requirementName } from "./toml-manifests.ts";

export function parseRequirements(text: string): ManifestFacts {
  const names = sourceLines(text.replace(/\\\r?\n/g, " "), "#").flatMap((entry) => {
    const editable = /^(?:-e|--editable)[\s=]+(\S+)/.exec(entry)?.[1];
    if (editable !== undefined) return [/[#&]egg=([\w.-]+)/.exec(editable)?.[1] ?? editable];
    return entry.startsWith("-") ? [] : (requirementName(entry) ?? []);
  });
  return { groups: [{ group: "dependencies", names }] };
}

export function parseGoMod(text: string): ManifestFacts {
  const required: Record<"direct" | "indirect", string[]> = { direct: [], indirect: [] };
  let isBlock = false;
  const lines = text.split("\n").map((line) => line.trim());
  for (const line of lines) {
    const name = /^(?:require\s+)?([^\s()/][^\s()]*)\s+v\S+/.exec(line)?.[1];
    if (name !== undefined && (isBlock || line.startsWith("require")))
      required[/\/\/\s*indirect\b/.test(line) ? "indirect" : "direct"].push(name);
    if (/^require\s*\(/.test(line)) isBlock = true;
    else if (line.startsWith(")")) isBlock = false;
  }
  return { name: firstIn(lines, /^module\s+"?([^\s"]+)/), groups: Object.entries(required).map(([group, names]) => ({ group, names })) };
}

export function parseGemfile(text: string): ManifestFacts {
  return { groups: [groupIn("gems", sourceLines(text, "#"), /^gem[\s(]+["']([^"']+)["']/)] };
}

export function parseGemspec(text: string): ManifestFacts {
  const lines = sourceLines(text, "#");
  return {
    name: firstIn(lines, /\.name\s*=\s*["']([^"']+)["']/),
    version: firstIn(lines, /\.version\s*=\s*["']([^"']+)["']/),
    licence: firstIn(lines, /\.licenses?\s*=\s*\[?\s*["']([^"']+)["']/),
    groups: [
      groupIn("runtime", lines, /\.add(?:_runtime)?_dependency[\s(]+["']([^"']+)["']/),
      groupIn("development", lines, /\.add_development_dependency[\s(]+["']([^"']+)["']/),
    ],
  };
}

export function parseMixExs(text: string): ManifestFacts {
  const lines = sourceLines(text, "#");
  return {
    name: firstIn(lines, /\bapp:\s*:(\w+)/),
    version: firstIn(lines, /\bversion:\s*"([^"]+)"/),
    licence: firstIn(lines, /\blicenses:\s*\[\s*"([^"]+)"/),
    groups: [groupIn("deps", linesBetween(lines, /^defp?\s+deps\b/, /^end\b/), /\{\s*:(\w+)\s*,/g)],
  };
}

const GRADLE_CONFIGURATION =
  /^(?:api|compile|runtime|implementation|classpath|annotationProcessor|kapt|ksp|provided)$|(?:Api|Compile|Runtime|Implementation|Only|Processor)$/;

export function parseGradle(text: string): ManifestFacts {
  const lines = sourceLines(text, "//");
  const names = new Map<string, string[]>();
  for (const line of lines) {
    const [, configuration = "", target = ""] =
      /^([a-z]\w*)\b[\s(]+((?:platform|enforcedPlatform|kotlin)?\s*\(?\s*["'][^"']+["']|libs\.[\w.]+)/.exec(line) ?? [];
    if (!GRADLE_CONFIGURATION.test(configuration)) continue;
    const name = target.replace(/^(?:platform|enforcedPlatform)\b|["'()\s]/g, "").replace(/["'()\s]/g, "");
    names.set(configuration, [...(names.get(configuration) ?? []), name.split(":").slice(0, 2).join(":")]);
  }
  return {
    version: firstIn(lines, /^version\s*=?\s*["']([^"']+)["']/),
    groups: [...names].map(([configuration, members]) => ({ group: configuration, names: members })),
  };
}

export function parseSbt(text: string): ManifestFacts {
  const lines = sourceLines(text, "//");
  const names = namesIn(lines, /("[\w.-]+"\s*%{1,3}\s*"[\w.-]+")\s*%/g).map((pair) =>
    pair.replace(/\s*%{1,3}\s*/, ":").replaceAll('"', ""),
  );
  return {
    name: firstIn(lines, /\bname\s*:=\s*"([^"]+)"/),
    version: firstIn(lines, /\bversion\s*:=\s*"([^"]+)"/),
    groups: [{ group: "libraryDependencies", names }],
  };
}

export function parsePackageSwift(text: string): ManifestFacts {
  const lines = sourceLines(text, "//");
  const one = [lines.join(" ").slice(0, 100_000)];
  return {
    name: firstIn(one, /\bPackage\(\s{0,100}name:\s{0,10}"([^"]+)"/),
    groups: [
      groupIn("packages", one, /\.package\(\s{0,100}(?:name:\s{0,10}"[^"]{0,200}"\s{0,10},\s{0,100})?(?:url|path|id):\s{0,10}"([^"]+)"/g),
    ],
  };
}

export function parsePodfile(text: string): ManifestFacts {
  return { groups: [groupIn("pods", sourceLines(text, "#"), /^pod[\s(]+["']([^"']+)["']/)] };
}

export function parseCmake(text: string): ManifestFacts {
  const lines = sourceLines(text, "#");
  const project = linesBetween(lines, /^project\s*\(/i, /\)/).join(" ");
  return {
    name: /^\s*"?([\w.+-]+)/.exec(project)?.[1],
    version: /\bVERSION\s+"?([\w.]+)/i.exec(project)?.[1],
    groups: [
      groupIn("find_package", lines, /^find_package\s*\(\s*"?([\w.+-]+)/i),
      groupIn("fetch", lines, /^(?:FetchContent_Declare|ExternalProject_Add|CPMAddPackage)\s*\(\s*(?:NAME\s+)?"?([\w.+-]+)/i),
    ],
  };
}

export function parseConanTxt(text: string): ManifestFacts {
  const lines = sourceLines(text, "#");
  const sections = ["requires", "tool_requires", "build_requires", "test_requires"];
  return {
    groups: sections.map((section) => groupIn(section, linesBetween(lines, new RegExp(`^\\[${section}\\]`), /^\[/), /^([\w.+-]+)\//)),
  };
}

export function parseConanPy(text: string): ManifestFacts {
  const lines = sourceLines(text, "#");
  const listed = linesBetween(lines, /^(?:tool_|build_|test_)?requires\s*=/, /[^,([]$/);
  return {
    name: firstIn(lines, /^name\s*=\s*["']([^"']+)["']/),
    version: firstIn(lines, /^version\s*=\s*["']([^"']+)["']/),
    licence: firstIn(lines, /^license\s*=\s*\(?["']([^"']+)["']/),
    groups: [
      { group: "requires", names: [...namesIn(listed, /["']([\w.+-]+)\//g), ...namesIn(lines, /\brequires\(\s*f?["']([\w.+-]+)\//g)] },
    ],
  };
}

export function parseSetupCfg(text: string): ManifestFacts {
  const sections = readIni(text);
  const metadata = sections.get("metadata");
  const required = sections.get("options")?.get("install_requires") ?? "";
  return {
    name: metadata?.get("name"),
    version: metadata?.get("version"),
    licence: metadata?.get("license"),
    groups: [pythonGroup("install_requires", required.split("\n"))],
  };
}

export function parseSetupPy(text: string): ManifestFacts {
  const lines = sourceLines(text, "#");
  return {
    name: firstIn(lines, /\bname\s*=\s*["']([^"']+)["']/),
    version: firstIn(lines, /\bversion\s*=\s*["']([^"']+)["']/),
    licence: firstIn(lines, /\blicense\s*=\s*["']([^"']+)["']/),
    groups: [pythonGroup("install_requires", namesIn(linesBetween(lines, /^.*\binstall_requires\s*=\s*\[/, /\]/), /["']([^"']+)["']/g))],
  };
}

function pythonGroup(group: string, requirements: readonly string[]): DependencyGroup {
  return { group, names: requirements.flatMap((requirement) => requirementName(requirement) ?? []) };
}

/** Sections of keys; indented lines go on with the value before them. */
function readIni(text: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section = new Map<string, string>();
  let key = "";
  for (const line of text.split("\n").map((raw) => raw.trimEnd())) {
    const header = /^\[([^\]]+)\]/.exec(line)?.[1];
    if (header !== undefined) {
      section = new Map();
      sections.set(header, section);
      key = "";
      continue;
    }
    if (line === "" || /^\s*[#;]/.test(line)) continue;
    if (/^\s/.test(line)) {
      if (key !== "") section.set(key, `${section.get(key) ?? ""}\n${line.trim()}`);
      continue;
    }
    const [, name = "", value = ""] = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(line) ?? [];
    key = name;
    if (key !== "") section.set(key, value);
  }
  return sections;
}

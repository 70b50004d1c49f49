// Which files are dependency manifests, and what is read from them. It owns the table of kinds; each format is parsed in its own file.

import { parseComposerJson, parseDenoJson, parsePackageJson, parseVcpkgJson } from "./json-manifests.ts";
import {
  parseCmake,
  parseConanPy,
  parseConanTxt,
  parseGemfile,
  parseGemspec,
  parseGoMod,
  parseGradle,
  parseMixExs,
  parsePackageSwift,
  parsePodfile,
  parseRequirements,
  parseSbt,
  parseSetupCfg,
  parseSetupPy,
} from "./line-manifests.ts";
import type { ManifestFacts } from "./manifest-facts.ts";
import { parseCargoToml, parsePipfile, parsePyproject } from "./toml-manifests.ts";
import { parseMsbuild, parsePackagesConfig, parsePom } from "./xml-manifests.ts";
import { parseCondaEnvironment, parsePubspec } from "./yaml-manifests.ts";

interface ManifestKind {
  readonly kind: string;
  /** Tried on the last segment of the path. */
  readonly name: RegExp;
  readonly parse: (text: string) => ManifestFacts;
}

const KINDS: readonly ManifestKind[] = [
  { kind: "npm", name: /^package\.json$/, parse: parsePackageJson },
  { kind: "deno", name: /^deno\.jsonc?$/, parse: parseDenoJson },
  { kind: "composer", name: /^composer\.json$/, parse: parseComposerJson },
  { kind: "vcpkg", name: /^vcpkg\.json$/, parse: parseVcpkgJson },
  { kind: "pip", name: /^(?:[\w.-]*[-_.])?requirements(?:[-_.][\w.-]*)?\.(?:txt|in)$/, parse: parseRequirements },
  { kind: "pyproject", name: /^pyproject\.toml$/, parse: parsePyproject },
  { kind: "pipfile", name: /^Pipfile$/, parse: parsePipfile },
  { kind: "setuptools", name: /^setup\.cfg$/, parse: parseSetupCfg },
  { kind: "setuptools", name: /^setup\.py$/, parse: parseSetupPy },
  { kind: "conda", name: /^environment\.ya?ml$/, parse: parseCondaEnvironment },
  { kind: "cargo", name: /^Cargo\.toml$/, parse: parseCargoToml },
  { kind: "go", name: /^go\.mod$/, parse: parseGoMod },
  { kind: "maven", name: /^(?:pom\.xml|.*\.pom)$/, parse: parsePom },
  { kind: "gradle", name: /^build\.gradle(?:\.kts)?$/, parse: parseGradle },
  { kind: "sbt", name: /^build\.sbt$/, parse: parseSbt },
  { kind: "bundler", name: /^(?:Gemfile|gems\.rb)$/, parse: parseGemfile },
  { kind: "gemspec", name: /\.gemspec$/, parse: parseGemspec },
  { kind: "nuget", name: /\.(?:csproj|fsproj|vbproj)$/, parse: parseMsbuild },
  { kind: "nuget", name: /^(?:Directory\.Packages\.props|Directory\.Build\.props)$/, parse: parseMsbuild },
  { kind: "nuget", name: /^packages\.config$/, parse: parsePackagesConfig },
  { kind: "mix", name: /^mix\.exs$/, parse: parseMixExs },
  { kind: "pub", name: /^pubspec\.ya?ml$/, parse: parsePubspec },
  { kind: "swiftpm", name: /^Package\.swift$/, parse: parsePackageSwift },
  { kind: "cocoapods", name: /^Podfile$/, parse: parsePodfile },
  { kind: "cmake", name: /^CMakeLists\.txt$/, parse: parseCmake },
  { kind: "conan", name: /^conanfile\.txt$/, parse: parseConanTxt },
  { kind: "conan", name: /^conanfile\.py$/, parse: parseConanPy },
];

/** One manifest as the report carries it. */
export interface Manifest {
  readonly kind: string;
  readonly name?: string;
  readonly version?: string;
  /** As written there: an SPDX expression or free text. */
  readonly licence?: string;
  /** Distinct dependencies it names, over all groups. */
  readonly dependencies: number;
  readonly groups: readonly { readonly group: string; readonly count: number }[];
  /** At most 200. */
  readonly dependency_names: readonly string[];
  /** Why it could not be read; then the rest is empty. */
  readonly error?: string;
}

const MAX_NAMES = 200;
const MAX_TEXT = 200;

export function manifestKind(fileName: string): string | undefined {
  return KINDS.find((kind) => kind.name.test(fileName))?.kind;
}

/** Reads a manifest. Never throws: a file that cannot be parsed gives a manifest with `error`. */
export function readManifest(fileName: string, text: string): Manifest | undefined {
  const kind = KINDS.find((candidate) => candidate.name.test(fileName));
  if (kind === undefined) return undefined;
  try {
    const facts = kind.parse(text.startsWith("\ufeff") ? text.slice(1) : text);
    const names = [...new Set(facts.groups.flatMap((group) => group.names))].sort();
    return {
      kind: kind.kind,
      ...short("name", facts.name),
      ...short("version", facts.version),
      ...short("licence", facts.licence),
      dependencies: names.length,
      groups: facts.groups
        .map(({ group, names: members }) => ({ group: clip(group), count: new Set(members).size }))
        .filter(({ count }) => count > 0),
      dependency_names: names.slice(0, MAX_NAMES).map(clip),
    };
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ");
    return { kind: kind.kind, dependencies: 0, groups: [], dependency_names: [], error: clip(why) };
  }
}

function short<Key extends string>(key: Key, value: unknown): { readonly [K in Key]?: string } {
  if (typeof value !== "string" || value.trim() === "") return {};
  return { [key]: clip(value.trim()) } as { readonly [K in Key]?: string };
}

function clip(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

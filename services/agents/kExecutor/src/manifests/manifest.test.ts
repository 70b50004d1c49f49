import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { manifestKind, readManifest } from "./manifest.ts";

/** Kind, name, version, licence and the groups of one manifest, in one line to compare. */
function summary(fileName: string, text: string): string {
  const manifest = readManifest(fileName, text);
  if (manifest === undefined) return "none";
  if (manifest.error !== undefined) return `${manifest.kind} error`;
  const groups = manifest.groups.map(({ group, count }) => `${group}=${count}`).join(" ");
  return [manifest.kind, manifest.name ?? "-", manifest.version ?? "-", manifest.licence ?? "-", manifest.dependencies, groups].join(" ");
}

const SAMPLES: readonly (readonly [fileName: string, text: string, expected: string])[] = [
  [
    "package.json",
    '{"name":"@a/b","version":"1.0.0","license":"MIT","dependencies":{"x":"1","y":"2"},"devDependencies":{"x":"1","z":"3"}}',
    "npm @a/b 1.0.0 MIT 3 dependencies=2 devDependencies=2",
  ],
  [
    "package.json",
    '{"licenses":[{"type":"MIT"},{"type":"Apache-2.0"}],"dependencies":["not","a","table"]}',
    "npm - - MIT OR Apache-2.0 0 ",
  ],
  [
    "deno.json",
    '{ // c\n "name": "@x/y", /* "imports": {} */ "imports": {"a": "npm:a", "u": "https://x//y"} }',
    "deno @x/y - - 2 imports=2",
  ],
  [
    "composer.json",
    '{"name":"v/p","license":["MIT","GPL-2.0"],"require":{"php":">=8","ext-json":"*","a/b":"1"},"require-dev":{"c/d":"1"}}',
    "composer v/p - MIT OR GPL-2.0 2 require=1 require-dev=1",
  ],
  [
    "vcpkg.json",
    '{"name":"p","version-string":"3","dependencies":["zlib",{"name":"fmt","features":["x"]}]}',
    "vcpkg p 3 - 2 dependencies=2",
  ],
  [
    "requirements-dev.txt",
    "# c\nflask==2.0 # web\nRequests[security]>=2 ; python_version<'3'\nflask_x\nFlask-X\n-r base.txt\n--hash=x\n-e git+https://h/r#egg=own\nlong \\\n  >= 1\n",
    "pip - - - 5 dependencies=5",
  ],
  [
    "pyproject.toml",
    '[project]\nname="p"\nversion="1"\nlicense={text="MIT"}\ndependencies=["a>1","b"]\n[project.optional-dependencies]\ntest=["pytest"]\n[dependency-groups]\nlint=["ruff",{include-group="x"}]\n[build-system]\nrequires=["hatchling"]\n',
    "pyproject p 1 MIT 5 dependencies=2 optional: test=1 lint=1 build-system=1",
  ],
  [
    "pyproject.toml",
    '[tool.poetry]\nname="p"\nversion="2"\nlicense="BSD-3-Clause"\n[tool.poetry.dependencies]\npython="^3"\na="1"\n[tool.poetry.group.dev.dependencies]\nb="1"\n',
    "pyproject p 2 BSD-3-Clause 2 dependencies=1 dev=1",
  ],
  ["Pipfile", '[packages]\na="*"\n[dev-packages]\nb="*"\n', "pipfile - - - 2 packages=1 dev-packages=1"],
  [
    "setup.cfg",
    "[metadata]\nname = p\nversion = 1\nlicense = MIT\n\n[options]\ninstall_requires =\n    a>1\n    # c\n    b\npackages = find:\n[x]\n",
    "setuptools p 1 MIT 2 install_requires=2",
  ],
  [
    "setup.py",
    "from setuptools import setup\nsetup(name='p', version=\"1\",\n  license='MIT',\n  install_requires=[\n    'a>1', 'b',\n  ],\n  extras=['no'])\n",
    "setuptools p 1 MIT 2 install_requires=2",
  ],
  [
    "environment.yml",
    "name: e\ndependencies:\n  - python=3.11\n  - conda-forge::numpy\n  - pip:\n    - flask\n",
    "conda e - - 3 conda=2 pip=1",
  ],
  [
    "Cargo.toml",
    '[package]\nname="c"\nversion.workspace=true\nlicense="MIT OR Apache-2.0"\n[workspace.package]\nversion="0.3.0"\n[dependencies]\na="1"\n[dev-dependencies]\nb="1"\n[target."cfg(unix)".dependencies]\nlibc="0.2"\n',
    "cargo c 0.3.0 MIT OR Apache-2.0 3 dependencies=1 dev-dependencies=1 dependencies (cfg(unix))=1",
  ],
  [
    "go.mod",
    "module example.org/m\n\ngo 1.22\n\nrequire github.com/a/b v1.0.0\nrequire (\n\tgolang.org/x/net v0.1.0\n\tx.org/y v1 // indirect\n\t// comment\n)\nreplace x.org/y => ../y\n",
    "go example.org/m - - 3 direct=2 indirect=1",
  ],
  [
    "pom.xml",
    '<?xml version="1.0"?><project><parent><version>7</version></parent><artifactId>a</artifactId><licenses><license><name>Apache-2.0</name></license></licenses><dependencies><dependency><groupId>g</groupId><artifactId>x</artifactId><exclusions><exclusion><artifactId>no</artifactId></exclusion></exclusions></dependency><dependency><groupId>g</groupId><artifactId>t</artifactId><scope>test</scope></dependency></dependencies><dependencyManagement><dependencies><dependency><groupId>g</groupId><artifactId>m</artifactId></dependency></dependencies></dependencyManagement></project>',
    "maven a 7 Apache-2.0 3 compile=1 test=1 managed=1",
  ],
  [
    "build.gradle.kts",
    'version = "2"\ndependencies {\n  implementation("g:a:1")\n  testImplementation(libs.junit)\n  api(platform("g:bom:1"))\n  api(project(":x"))\n  // implementation("g:no:1")\n  /* implementation("g:no:1") */\n  kapt "g:k:1"\n}\n',
    "gradle - 2 - 4 implementation=1 testImplementation=1 api=1 kapt=1",
  ],
  [
    "build.sbt",
    'name := "s"\nversion := "1"\nlibraryDependencies ++= Seq("org" %% "x" % "1", "org" % "y" % v % Test)\n',
    "sbt s 1 - 2 libraryDependencies=2",
  ],
  [
    "Gemfile",
    'source "https://rubygems.org"\ngem "rails", "~> 7"\n# gem "no"\n  gem(\'pg\')\ngroup :test do\n  gem "rspec"\nend\n',
    "bundler - - - 3 gems=3",
  ],
  [
    "x.gemspec",
    'Gem::Specification.new do |s|\n s.name = "x"\n s.version = "1"\n s.license = "MIT"\n s.add_dependency "a", "1"\n s.add_development_dependency("b")\nend\n',
    "gemspec x 1 MIT 2 runtime=1 development=1",
  ],
  [
    "App.csproj",
    '<Project Sdk="x"><PropertyGroup><Version>1.2</Version><PackageLicenseExpression>MIT</PackageLicenseExpression></PropertyGroup><ItemGroup><PackageReference Include="A" Version="1"/><PackageReference Include="B"><Version>2</Version></PackageReference><ProjectReference Include="no"/></ItemGroup></Project>',
    "nuget - 2 MIT 2 packages=2",
  ],
  ["packages.config", '<packages><package id="A" version="1"/><package id="B"/></packages>', "nuget - - - 2 packages=2"],
  [
    "mix.exs",
    'defmodule X do\n  def project do\n    [app: :x, version: "0.1.0", deps: deps(), licenses: ["MIT"]]\n  end\n  defp deps do\n    [{:phoenix, "~> 1.7"}, # {:no, "1"}\n     {:ecto, git: "x"}]\n  end\n  def other do\n    {:no, 1}\n  end\nend\n',
    "mix x 0.1.0 MIT 2 deps=2",
  ],
  [
    "pubspec.yaml",
    "name: p\nversion: 1.0.0+1\ndependencies:\n  flutter:\n    sdk: flutter\n  http: ^1\ndev_dependencies:\n  test: any\n",
    "pub p 1.0.0+1 - 3 dependencies=2 dev_dependencies=1",
  ],
  [
    "Package.swift",
    'let package = Package(\n  name: "S",\n  dependencies: [\n    .package(url: "https://h/a.git", from: "1.0.0"),\n    .package(name: "b", path: "../b"),\n  ])\n',
    "swiftpm S - - 2 packages=2",
  ],
  ["Podfile", "pod 'A', '~> 1'\n# pod 'no'\n  pod \"B\"\n", "cocoapods - - - 2 pods=2"],
  [
    "CMakeLists.txt",
    "cmake_minimum_required(VERSION 3.2)\nproject(my-app\n  VERSION 1.4\n  LANGUAGES CXX)\nfind_package(Boost 1.7 REQUIRED)\n# find_package(No)\nFetchContent_Declare(fmt GIT_REPOSITORY x)\n",
    "cmake my-app 1.4 - 2 find_package=1 fetch=1",
  ],
  [
    "conanfile.txt",
    "[requires]\nzlib/1.2\nfmt/9\n\n[generators]\nno/1\n[tool_requires]\ncmake/3\n",
    "conan - - - 3 requires=2 tool_requires=1",
  ],
  [
    "conanfile.py",
    'class X(ConanFile):\n    name = "x"\n    version = "1"\n    license = "MIT"\n    requires = "zlib/1.2", "fmt/9"\n    def requirements(self):\n        self.requires("boost/1.8")\n',
    "conan x 1 MIT 3 requires=3",
  ],
];

describe("readManifest", () => {
  test.each(SAMPLES.map((sample, index) => [`${sample[0]} (${index})`, sample] as const))("reads %s", (_, [fileName, text, expected]) => {
    expect(summary(fileName, text)).toBe(expected);
  });

  test("takes other files for no manifests", () => {
    for (const name of ["package-lock.json", "my-package.json", "requirements.md", "notes.txt", "pom.xml.bak", "Gemfile.lock"])
      expect(manifestKind(name)).toBeUndefined();
    for (const name of ["requirements.txt", "requirements_dev.txt", "dev-requirements.txt", "requirements.in"])
      expect(manifestKind(name)).toBe("pip");
  });

  test("names what is wrong with a manifest and where, and goes on", () => {
    expect(readManifest("package.json", '{\n "name" "x" }')).toMatchObject({
      kind: "npm",
      dependencies: 0,
      error: expect.stringMatching(/line 2/),
    });
    expect(readManifest("Cargo.toml", "[package\nname=1")?.error).toBeDefined();
    expect(readManifest("pom.xml", "<project>\n<a></b></project>")?.error).toMatch(/2:/);
    expect(readManifest("pubspec.yaml", "a: b: c")?.error).toMatch(/line 1/);
    expect(readManifest("package.json", "[1]")?.error).toBeDefined();
  });

  test("an XML manifest cannot expand entities of its own or nest without end", () => {
    const bomb = '<!DOCTYPE p [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><project><artifactId>&b;</artifactId></project>';
    expect(readManifest("pom.xml", bomb)?.error).toBeDefined();
    expect(readManifest("pom.xml", "<a>".repeat(100_000))?.error).toMatch(/deeper/);
  });

  test("[R75] keys like __proto__ in a manifest change nothing", () => {
    const text = '{"name":"x","__proto__":{"polluted":1},"dependencies":{"__proto__":"1","constructor":"1"}}';
    expect(readManifest("package.json", text)).toMatchObject({
      name: "x",
      dependencies: 2,
      dependency_names: ["__proto__", "constructor"],
    });
    expect(readManifest("Cargo.toml", '[dependencies.__proto__]\npolluted="1"\n[dependencies]\n"constructor"="1"\n')?.kind).toBe("cargo");
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test("no text of any format makes it throw, or take long", () => {
    const names = [...new Set(SAMPLES.map(([fileName]) => fileName))];
    const pieces = fc.constantFrom(
      "/*",
      "//",
      "(",
      ")",
      "[",
      "]",
      "{",
      "}",
      '"',
      "'",
      "require",
      "require (",
      "\n",
      " ",
      "\t",
      "project(",
      "install_requires=[",
      "<a>",
      "</a>",
      "gem ",
      "%",
      ":",
      "=",
      "a",
      "&x;",
      "- ",
      "*x",
      "&x ",
    );
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.array(pieces, { maxLength: 60 }), (name, text) => {
        expect(readManifest(name, text.join(""))).toHaveProperty("kind");
      }),
      { numRuns: 400 },
    );
    for (const name of names)
      for (const piece of ["\n", " ", "/*", "require(", "project(\n", '"', "[", "#", "- ", "a.package(", "gem 'a\n"])
        expect(readManifest(name, piece.repeat(5000))).toHaveProperty("kind");
  });
});

import { describe, expect, test } from "vitest";
import { languageOf } from "./language.ts";
import { LANGUAGES } from "./language-table.ts";

describe("languageOf", () => {
  test.each([
    ["a.ts", "", "TypeScript"],
    ["a.d.ts", "", "TypeScript"],
    ["A.JAVA", "", "Java"],
    ["view.blade.php", "", "Blade"],
    ["a.php", "", "PHP"],
    ["Makefile", "", "Makefile"],
    ["Dockerfile", "", "Dockerfile"],
    ["Dockerfile.dev", "", "Dockerfile"],
    ["CMakeLists.txt", "", "CMake"],
    ["notes.txt", "", "Text"],
    ["LICENSE-MIT", "", "Text"],
    ["tsconfig.json", "", "JSON"],
    [".gitignore", "", "Ignore List"],
    ["go.mod", "", "Go Module"],
    ["a.h", "int f(void);\n", "C"],
    ["a.h", "#include <vector>\n", "C++"],
    ["a.h", "namespace x {\n", "C++"],
    ["a.h", "#import <Foundation/Foundation.h>\n@interface X\n", "Objective-C"],
    ["a.m", "#import <x.h>\n", "Objective-C"],
    ["a.m", "function y = f(x)\n", "MATLAB"],
    ["a.pl", "use strict;\n", "Perl"],
    ["a.pl", "parent(a, b).\n", "Prolog"],
    ["a.ts", '<?xml version="1.0"?>\n<!DOCTYPE TS>', "XML"],
    ["tool.1", '.\\" a comment\n.TH TOOL 1\n', "Roff"],
    ["release-3.8.1", "plain\n", undefined],
    ["release-3.8.1", "#!/bin/sh\n", "Shell"],
    ["tool", "#!/bin/sh\n", "Shell"],
    ["tool", "#!/usr/bin/env node\n", "JavaScript"],
    ["tool", "#! /usr/local/bin/python3.12 -u\n", "Python"],
    ["tool", "#!/usr/bin/env -S FOO=1 deno run\n", "JavaScript"],
    ["tool", "#!\n", undefined],
    ["tool", "plain\n", undefined],
    ["a.zzz", "", undefined],
    ["a.", "", undefined],
    ["", "", undefined],
  ])("%s beginning %j is %s", (fileName, beginning, expected) => {
    expect(languageOf(fileName, beginning)?.name).toBe(expected);
  });

  test("no extension, file name, interpreter or language stands in the table twice", () => {
    const extensions = LANGUAGES.flatMap(([, , list]) => (list === "" ? [] : list.split(" ")));
    const fileNames = LANGUAGES.flatMap(([, , , list = ""]) => (list === "" ? [] : list.split("|")));
    const interpreters = LANGUAGES.flatMap(([, , , , list = ""]) => (list === "" ? [] : list.split(" ")));
    const names = LANGUAGES.map(([name]) => name);
    for (const list of [extensions, fileNames, interpreters, names])
      expect(list.filter((item, index) => list.indexOf(item) !== index)).toEqual([]);
  });
});

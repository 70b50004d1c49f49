import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isLicenceFile, spdxHeader } from "./licence-file.ts";
import { recogniseLicences } from "./licence-text.ts";

/** Licence files of packages that are installed here anyway. */
function installed(path: string): string {
  return readFileSync(join(import.meta.dirname, "../../../../../node_modules", path), "utf8");
}

describe("recogniseLicences", () => {
  test.each([
    ["markdown-it/LICENSE", "MIT"],
    ["yaml/LICENSE", "ISC"],
    ["smol-toml/LICENSE", "BSD-3-Clause"],
    ["typescript/LICENSE", "Apache-2.0"],
  ])("%s is %s", (path, expected) => {
    const [match, ...others] = recogniseLicences(installed(path));
    expect([match?.spdx, others]).toEqual([expected, []]);
    expect(match?.confidence).toBeGreaterThan(0.75);
  });

  test("finds each licence of a file that holds several", () => {
    const text = `${installed("markdown-it/LICENSE")}\n\n----\n\n${installed("typescript/LICENSE")}\n----\n${installed("smol-toml/LICENSE")}`;
    expect(
      recogniseLicences(text)
        .map(({ spdx }) => spdx)
        .sort(),
    ).toEqual(["Apache-2.0", "BSD-3-Clause", "MIT"]);
  });

  test("sees through comments, markup, case and line breaks", () => {
    const lines = installed("markdown-it/LICENSE")
      .toUpperCase()
      .split("\n")
      .map((line) => ` * <b>${line}</b>`);
    expect(recogniseLicences(lines.join("\r\n"))[0]?.spdx).toBe("MIT");
  });

  test("tells licences apart that differ by one clause", () => {
    const bsd3 = installed("smol-toml/LICENSE");
    const bsd2 = bsd3.replace(/3\. Neither[\s\S]*?permission\.\s/, "");
    expect(bsd2.length).toBeLessThan(bsd3.length);
    expect(recogniseLicences(bsd2)[0]?.spdx).toBe("BSD-2-Clause");
  });

  test("takes no other text for a licence", () => {
    for (const text of ["", "MIT", "All rights reserved.", installed("markdown-it/README.md")]) expect(recogniseLicences(text)).toEqual([]);
  });
});

describe("isLicenceFile", () => {
  test.each([
    "LICENSE",
    "LICENCE.md",
    "license-mit.txt",
    "COPYING",
    "COPYING.LESSER",
    "NOTICE",
    "UNLICENSE",
    "MIT-LICENSE.txt",
    "x/y/LICENSE",
    "LICENSES/MIT.txt",
    "docs/foo.license",
  ])("%s", (path) => {
    expect(isLicenceFile(path)).toBe(true);
  });

  test.each([
    "licence.ts",
    "licence-text.ts",
    "license.py",
    "licenses.json",
    "LICENSES/readme",
    "src/license/index.js",
    "copying-files.go",
    "relicensed",
    "notice.png",
  ])("not %s", (path) => {
    expect(isLicenceFile(path)).toBe(false);
  });
});

describe("spdxHeader", () => {
  test.each([
    ["// SPDX-License-Identifier: MIT\n", "MIT"],
    ["/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) */", "(GPL-2.0-only WITH Linux-syscall-note)"],
    ["#!/bin/sh\n# SPDX-License-Identifier:   Apache-2.0  OR MIT \r\n", "Apache-2.0 OR MIT"],
    ["<!-- SPDX-License-Identifier: CC-BY-4.0 -->", "CC-BY-4.0"],
    ["-- SPDX-License-Identifier: MIT", "MIT"],
    ['const tag = "SPDX-License-Identifier: MIT";', undefined],
    ["// SPDX-License-Identifier:", undefined],
    ["// SPDX-License-Identifier: <script>", undefined],
  ])("%j says %s", (text, expected) => {
    expect(spdxHeader(text)).toBe(expected);
  });
});

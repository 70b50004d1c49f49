import { describe, expect, test } from "vitest";
import { plant } from "./planted.fixture.ts";
import { faultsOf, machinePaths, repository } from "./repository.mjs";

// Put together here, so that this file does not hold what it looks for.
const registry = `https://${"registry"}.packages.example`;
const disable = `oxlint-${"disable"}-next-line`;

describe("a line of a tracked file", () => {
  test.each([
    ["a registry's address", "a.json", `"resolved": "${registry}/a.tgz"`, "package registry"],
    ["a home folder", "README.md", `cd /${"home"}/ada/kos && npm start`, "path of one machine"],
    ["a home folder of a Mac", "a.ts", `const a = "/${"Users"}/ada/kos";`, "path of one machine"],
    ["the folder of this checkout", "a.ts", 'const a = "/opt/builds/kos-7/x";', "path of one machine"],
    ["a silenced rule without its reason", "a.ts", `// ${disable} no-console`, "without saying why"],
    ["a silenced type error without its reason", "a.ts", `// @ts-${"expect-error"}`, "without saying why"],
  ])("with %s is found", (_name, file, line, fault) => {
    expect(faultsOf(file, line, ["/opt/builds/kos-7"])[0]).toContain(fault);
  });

  test.each([
    ["a web address", "README.md", "see https://nodejs.org/home/index.html"],
    ["a silenced rule with its reason", "a.ts", `// ${disable} no-console -- the launcher prints`],
    ["an expected type error with its reason", "a.ts", `// @ts-${"expect-error"} a number is refused`],
  ])("with %s is left alone", (_name, file, line) => {
    expect(faultsOf(file, line, ["/opt/builds/kos-7"])).toEqual([]);
  });
});

test("a source file that is too long is found, a text is not", () => {
  const text = "// a\n".repeat(401);
  expect(faultsOf("a.ts", text, [])).toHaveLength(1);
  expect(faultsOf("a.md", text, [])).toEqual([]);
  expect(faultsOf("a.test.ts", text, [])).toEqual([]);
  expect(faultsOf("a.test.ts", text + text, [])).toHaveLength(1);
});

test("folders everybody has do not give a machine away", () => {
  expect(machinePaths("/srv", "/root")).toEqual([]);
  expect(machinePaths("/opt/builds/kos-7", "/root")).toEqual(["/opt/builds/kos-7"]);
});

test("every file of the checkout is looked at", async () => {
  using checkout = plant({ "docs/install.md": `npm --${"registry"} ${registry}\n` });
  expect(await repository.run(checkout.root)).toEqual(["docs/install.md:1: names a package registry"]);
});

import { describe, expect, test } from "vitest";
import { completeLock, platformOf } from "./complete-lock.mjs";

describe("the platform in a package's name", () => {
  test.each([
    ["@biomejs/cli-darwin-arm64", { os: ["darwin"], cpu: ["arm64"] }],
    ["@oxlint/binding-linux-x64-musl", { os: ["linux"], cpu: ["x64"], libc: ["musl"] }],
    ["@oxc-parser/binding-linux-arm-gnueabihf", { os: ["linux"], cpu: ["arm"], libc: ["glibc"] }],
    ["@oxlint-tsgolint/win32-arm64", { os: ["win32"], cpu: ["arm64"] }],
    ["fsevents", undefined],
  ])("%s", (name, platform) => {
    expect(platformOf(name)).toEqual(platform);
  });
});

test("missing builds are added as their parent asks for them, present ones kept", () => {
  const linux = { version: "1.2.3", integrity: "sha512-A", dev: true, optional: true };
  const lock = {
    packages: {
      "node_modules/tool": {
        version: "1.2.3",
        dev: true,
        license: "MIT",
        optionalDependencies: { "tool-linux-x64": "1.2.3", "tool-darwin-arm64": "1.2.3" },
      },
      "node_modules/tool-linux-x64": linux,
    },
  };
  expect(completeLock(lock)).toEqual(["tool-darwin-arm64"]);
  expect(lock.packages).toMatchObject({
    "node_modules/tool-darwin-arm64": { version: "1.2.3", os: ["darwin"], cpu: ["arm64"], dev: true, license: "MIT", optional: true },
    "node_modules/tool-linux-x64": linux,
  });
  expect(completeLock(lock)).toEqual([]);
});

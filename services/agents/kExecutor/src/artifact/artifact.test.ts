import { isKosError } from "@kos/klp";
import { describe, expect, test } from "vitest";
import { call } from "../testing/call.fixture.ts";
import { testContext } from "../testing/test-context.fixture.ts";
import { artifactGet } from "./artifact-get.ts";
import { artifactPut } from "./artifact-put.ts";

describe("artifact.put and artifact.get", () => {
  test.each([
    ["text", { text: "h\u00e9" }, { encoding: "utf-8", text: "h\u00e9" }],
    ["a value", { json: { a: [1, null] } }, { encoding: "utf-8", text: '{\n  "a": [\n    1,\n    null\n  ]\n}\n' }],
    ["bytes", { base64: "AP8=" }, { encoding: "binary", base64: "AP8=" }],
  ])("give back %s", async (_, content, expected) => {
    const context = testContext();
    const { artifact } = await call(artifactPut, { name: "x", media_type: "text/plain", ...content }, context);
    expect(artifact).toMatchObject({ name: "x", media_type: "text/plain" });
    expect(await call(artifactGet, { hash: artifact.hash }, context)).toMatchObject({ bytes: artifact.bytes, certain: true, ...expected });
  });

  test("need exactly one content, and base64 that is some", async () => {
    for (const content of [{}, { text: "a", json: 1 }, { base64: "###" }, { base64: "YQ" + "\n" + "==" }]) {
      const put = call(artifactPut, { name: "x", media_type: "text/plain", ...content }, testContext());
      await expect(put).rejects.toSatisfy((error) => isKosError(error, "BAD_REQUEST"));
    }
  });

  test("[R92] take a file name, never a path", async () => {
    for (const name of ["a/b", "..", ".", "a\\b", "", "a\0", "/etc/x"]) {
      await expect(call(artifactPut, { name, media_type: "text/plain", text: "" }, testContext())).rejects.toThrow(/schema/);
    }
    await expect(call(artifactGet, { hash: "sha256:../../etc/passwd" }, testContext())).rejects.toThrow(/schema/);
  });

  test("give an artifact larger than asked for as an error", async () => {
    const context = testContext();
    const { artifact } = await call(artifactPut, { name: "x", media_type: "text/plain", text: "abc" }, context);
    await expect(call(artifactGet, { hash: artifact.hash, max_bytes: 2 }, context)).rejects.toSatisfy((error) =>
      isKosError(error, "TOO_LARGE"),
    );
  });
});

import type { Artifact } from "@kos/api";
import { describe, expect, it } from "vitest";
import { previewResponse } from "./PreviewRenderer.ts";

const CONSOLE = ["http://localhost:3000", "http://127.0.0.1:3000"];

function artifact(mediaType: string, bytes = 100): Artifact {
  return {
    artifact_id: "01a21ead-ee01-71c3-abd8-37623e241a24",
    name: "x",
    media_type: mediaType,
    bytes,
    hash: `sha256:${"a".repeat(64)}`,
    labels: ["untrusted"],
    created_by: "person:owner",
    created_at: "2026-11-22T12:00:00.000Z",
    version: 1,
  };
}
const headersOf = (mediaType: string) => previewResponse(artifact(mediaType), CONSOLE).headers;

describe("a preview", () => {
  it("[R94] of anything is locked into an origin of its own: no script, no form, no way out, framed by the console alone", () => {
    for (const type of ["text/html", "image/svg+xml", "text/plain", "image/png"]) {
      const policy = headersOf(type)["content-security-policy"] ?? "";
      expect(policy.split("; ")[0]).toBe("sandbox");
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("form-action 'none'");
      expect(policy).toContain("frame-ancestors http://localhost:3000 http://127.0.0.1:3000");
      expect(policy).not.toMatch(/script-src|allow-|https?:\/\/(?!localhost:3000|127)/);
      expect(headersOf(type)).toMatchObject({ "x-content-type-options": "nosniff", "cross-origin-resource-policy": "same-origin" });
    }
  });

  it("[R95] shows pages and pictures as what they are, and Markdown and every other text as text", () => {
    expect(headersOf("text/html; charset=utf-8")["content-type"]).toBe("text/html; charset=utf-8");
    expect(headersOf("TEXT/HTML; charset=utf-7")["content-type"]).toBe("text/html; charset=utf-8");
    expect(headersOf("image/svg+xml")["content-type"]).toBe("image/svg+xml");
    for (const type of ["text/markdown", "text/css", "text/javascript", "application/json", "application/xml", "text/x-unknown"])
      expect(headersOf(type)["content-type"], type).toBe("text/plain; charset=utf-8");
  });

  it.each(["application/pdf", "application/zip", "application/octet-stream", "video/mp4", "application/javascript", "image/svg+xml-x", ""])(
    "[R94] is not given of %j",
    (type) => {
      expect(() => previewResponse(artifact(type), CONSOLE)).toThrow(expect.objectContaining({ code: "BAD_REQUEST" }));
    },
  );

  it("cuts long texts off and refuses pages that no browser shows", () => {
    expect(previewResponse(artifact("text/plain", 10_000_000), CONSOLE)).toMatchObject({
      bytes: 2_097_152,
      headers: { "content-length": "2097152" },
    });
    expect(() => previewResponse(artifact("text/html", 100_000_000), CONSOLE)).toThrow(expect.objectContaining({ code: "TOO_LARGE" }));
  });
});

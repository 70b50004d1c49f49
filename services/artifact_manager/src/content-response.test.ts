import type { Artifact } from "@kos/api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contentDisposition, contentResponse } from "./content-response.ts";

const ARTIFACT: Artifact = {
  artifact_id: "019a0b7e-0000-7000-8000-000000000000",
  name: "report.html",
  media_type: "text/html",
  bytes: 1000,
  hash: `sha256:${"a".repeat(64)}`,
  labels: [],
  created_by: "owner",
  created_at: "2026-11-22T12:00:00Z",
  version: 1,
};

describe("an artifact's answer over HTTP", () => {
  it("[A13] [R139] cannot run or be guessed into running in a browser", () => {
    for (const media_type of [
      "text/html",
      "image/svg+xml",
      "application/pdf",
      "application/xml",
      "text/javascript",
      "application/xhtml+xml",
    ]) {
      const { headers } = contentResponse({ ...ARTIFACT, media_type });
      expect(headers["content-disposition"], media_type).toMatch(/^attachment;/);
      expect(headers["content-security-policy"]).toMatch(/^sandbox; default-src 'none'/);
      expect(headers["x-content-type-options"]).toBe("nosniff");
    }
    expect(contentResponse({ ...ARTIFACT, media_type: "image/png" }).headers["content-disposition"]).toMatch(/^inline;/);
  });

  it("[A14] serves one range, or the whole, or says that the range lies outside", () => {
    const get = (range: string | undefined) => {
      const { status, range: read, headers } = contentResponse(ARTIFACT, { range });
      return [status, read?.start, read?.end, headers["content-range"], headers["content-length"]];
    };
    const whole = [200, 0, 1000, undefined, "1000"];
    expect(get(undefined)).toEqual(whole);
    expect(get("bytes=0-0")).toEqual([206, 0, 1, "bytes 0-0/1000", "1"]);
    expect(get("bytes=500-")).toEqual([206, 500, 1000, "bytes 500-999/1000", "500"]);
    expect(get("bytes=-100")).toEqual([206, 900, 1000, "bytes 900-999/1000", "100"]);
    expect(get("bytes=-5000")).toEqual([206, 0, 1000, "bytes 0-999/1000", "1000"]);
    expect(get("bytes=990-5000")).toEqual([206, 990, 1000, "bytes 990-999/1000", "10"]);
    expect(get("bytes=1000-")).toEqual([416, undefined, undefined, "bytes */1000", undefined]);
    expect(get("bytes=-0")).toEqual([416, undefined, undefined, "bytes */1000", undefined]);
    for (const ignored of ["bytes=5-4", "bytes=0-1,5-6", "items=0-1", "bytes=-", "bytes=a-b", "bytes=99999999999999999999-1"])
      expect(get(ignored), ignored).toEqual(whole);
  });

  it("[A14] never gives a range outside the content", () => {
    fc.assert(
      fc.property(fc.nat(20), fc.option(fc.nat(40), { nil: "" }), fc.option(fc.nat(40), { nil: "" }), (bytes, first, last) => {
        const { status, range } = contentResponse({ ...ARTIFACT, bytes }, { range: `bytes=${first}-${last}` });
        expect(range === undefined).toBe(status === 416);
        if (range === undefined) return;
        expect(range.start).toBeGreaterThanOrEqual(0);
        expect(range.end).toBeLessThanOrEqual(bytes);
        expect(range.end - range.start).toBeGreaterThanOrEqual(status === 206 ? 1 : 0);
      }),
    );
  });

  it("[A14] answers 304 to who has it already", () => {
    expect(contentResponse(ARTIFACT, { ifNoneMatch: `"x", W/"${ARTIFACT.hash}"` }).status).toBe(304);
    expect(contentResponse(ARTIFACT, { ifNoneMatch: '"x"' }).status).toBe(200);
  });

  it("[A12] [R93] names a file as RFC 6266 says, whatever the name", () => {
    expect(contentDisposition("naïve report.pdf", "attachment")).toBe(
      "attachment; filename=\"na_ve report.pdf\"; filename*=UTF-8''na%C3%AFve%20report.pdf",
    );
    expect(contentDisposition("../../..", "attachment")).toContain('filename="artifact"');
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (name) => {
        const header = contentDisposition(name, "attachment");
        expect(header).toMatch(/^attachment; filename="[\x20-\x21\x23-\x5b\x5d-\x7e]+"; filename\*=UTF-8''[A-Za-z0-9%._~-]+$/);
        const decoded = decodeURIComponent(header.slice(header.indexOf("''") + 2));
        expect(decoded).not.toMatch(/[/\\\p{Cc}]|^\.|\.$/u);
      }),
      { numRuns: 500 },
    );
  });
});

import { describe, expect, test } from "vitest";
import { adviceFor, withoutHosts } from "./npm.mjs";

describe("npm's output", () => {
  const host = "packages.corp.example";

  test.each([
    `npm error network request to https://${host}/esbuild failed`,
    `npm error 404 Not Found - GET https://user:secret@${host}:8443/npm/a - not found`,
    `npm error getaddrinfo ENOTFOUND ${host}`,
    `npm error connect ECONNREFUSED 10.1.2.3:4873`,
    `npm error Failed to clone git+ssh://git@${host}/a.git`,
  ])("is shown without the registry's address: %s", (line) => {
    const shown = withoutHosts(line);
    expect(shown).toContain("<registry>");
    expect(shown).not.toMatch(/packages\.corp|secret|10\.1\.2\.3|8443/);
  });

  test.each([
    ["npm error code ENOTFOUND", /cannot reach its package registry/],
    ["npm error code ENOSPC", /disk is full/],
    ["npm error code EACCES", /checkout that belongs to you/],
    ["npm error code EINTEGRITY", /not the one pinned/],
    ["npm error code EUSAGE", /do not agree/],
    ["npm error code SELF_SIGNED_CERT_IN_CHAIN\nnpm error network", /certificate is not accepted/],
    ["something new", /start again/],
  ])("%s is answered with what to do", (output, advice) => {
    expect(adviceFor(output)).toMatch(advice);
  });
});

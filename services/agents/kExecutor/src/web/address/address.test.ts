import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matchesPattern } from "./address-pattern.ts";
import { pageAddress } from "./page-address.ts";
import { createSiteScope } from "./site-scope.ts";
import { isEndlessPath, shapeOf } from "./trap.ts";

const BASE = "http://site.example/docs/page?q=1";

describe("pageAddress", () => {
  test.each([
    ["other", "http://site.example/docs/other"],
    ["#top", "http://site.example/docs/page?q=1"],
    ["", "http://site.example/docs/page?q=1"],
    ["?", "http://site.example/docs/page"],
    ["/a?", "http://site.example/a"],
    ["//cdn.example/x", "http://cdn.example/x"],
    ["HTTP://SITE.example:80/%7euser/%c3%a4", "http://site.example/~user/%C3%A4"],
    ["/a/../b/./c", "http://site.example/b/c"],
    ["/a?b=2&a=1#x", "http://site.example/a?b=2&a=1"],
    ["http://user:pass@site.example/x", "http://site.example/x"],
    ["http://site.example./x", "http://site.example/x"],
    ["  /spaces  ", "http://site.example/spaces"],
    ["/ä ö", "http://site.example/%C3%A4%20%C3%B6"],
    ["/a;jsessionid=0123456789abcdef?x=1", "http://site.example/a?x=1"],
    ["/a?x=1&PHPSESSID=0123456789abcdef0123&y=2", "http://site.example/a?x=1&y=2"],
    ["/a?sid=7", "http://site.example/a?sid=7"],
  ])("[WC1] spells %j as %s", (href, expected) => {
    expect(pageAddress(href, BASE)).toBe(expected);
  });

  test.each([
    "javascript:alert(1)",
    "mailto:a@b.example",
    "data:text/html,x",
    "ftp://x/",
    "http://",
    "http://[::1",
    `/${"a".repeat(5000)}`,
  ])("is undefined for %j", (href) => {
    expect(pageAddress(href, BASE)).toBeUndefined();
  });

  test("spells an address once: doing it again changes nothing, for any text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl({ withQueryParameters: true, withFragments: true }), fc.string({ maxLength: 60 })), (href) => {
        const address = pageAddress(href, BASE);
        expect(address === undefined ? undefined : pageAddress(address, BASE)).toBe(address);
      }),
    );
  });
});

describe("matchesPattern", () => {
  const at = (path: string) => `http://site.example${path}`;

  test.each([
    ["/docs/", "/docs/a", true],
    ["/docs/", "/doc", false],
    ["/*.pdf$", "/a/b.pdf", true],
    ["/*.pdf$", "/a/b.pdf?x", false],
    ["/*?print", "/a?print=1", true],
    ["*", "/anything", true],
    ["/$", "/", true],
    ["/$", "/a", false],
    ["/a*b*c$", "/a-b-b-c", true],
  ])("%s fits %s: %s", (pattern, path, expected) => {
    expect(matchesPattern(at(path), pattern)).toBe(expected);
  });

  test("agrees with the regular expression that says the same, and takes no time for patterns made to take it", () => {
    const char = fc.constantFrom("a", "b", "/", "*");
    const text = fc.string({ unit: fc.constantFrom("a", "b", "/"), maxLength: 12 });
    fc.assert(
      fc.property(fc.string({ unit: char, minLength: 1, maxLength: 8 }), fc.boolean(), text, (body, anchored, path) => {
        const regex = new RegExp(`^${body.replaceAll("*", ".*")}${anchored ? "$" : ""}`);
        expect(matchesPattern(at(`/${path}`), `${body}${anchored ? "$" : ""}`)).toBe(regex.test(new URL(at(`/${path}`)).pathname));
      }),
    );
    expect(matchesPattern(at(`/${"a".repeat(4000)}`), `/${"*a".repeat(200)}b$`)).toBe(false);
  });
});

describe("a site", () => {
  test.each([
    ["origin", ["http://site.example/x"], ["https://site.example/", "http://www.site.example/", "http://site.example:8080/"]],
    [
      "host",
      ["http://site.example/x", "https://site.example/", "http://www.site.example/"],
      ["http://a.site.example/", "http://site.example:8080/", "http://notsite.example/"],
    ],
    [
      "domain",
      ["http://a.b.site.example/", "https://www.site.example/"],
      ["http://site.example.evil.example/", "http://notsite.example/", "http://x.site.example:81/"],
    ],
  ] as const)("by %s holds what it should and nothing else", (scope, inside, outside) => {
    const isWithin = createSiteScope("http://www.site.example/start", scope);
    const ofStart = createSiteScope("http://site.example/start", scope);
    expect(inside.filter((address) => !ofStart(address))).toEqual([]);
    expect(outside.filter((address) => ofStart(address) || (scope !== "origin" && isWithin(address)))).toEqual([]);
  });

  test("on an odd port is that origin alone", () => {
    const isWithin = createSiteScope("http://localhost:8080/", "domain");
    expect(["http://localhost:8080/a", "http://localhost/a", "http://localhost:8081/", "http://a.localhost:8080/"].map(isWithin)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});

describe("endless addresses", () => {
  test.each([
    ["/a/a/a/a/", true],
    ["/a/b/a/b/a/b/a/b", true],
    ["/a/a/a/b", false],
    ["/2026/01/01/title", false],
    [`/${Array.from({ length: 60 }, (_, index) => index).join("/")}`, true],
    ["/", false],
  ])("[WE1] %s: %s", (path, expected) => {
    expect(isEndlessPath(`http://site.example${path}`)).toBe(expected);
  });

  test("that differ in numbers only have one shape", () => {
    expect(shapeOf("http://site.example/cal/2026/01?day=3")).toBe(shapeOf("http://site.example/cal/1999/12?day=31"));
    expect(shapeOf("http://site.example/cal/2026")).not.toBe(shapeOf("http://site.example/day/2026"));
  });
});

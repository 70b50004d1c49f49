import { describe, expect, it } from "vitest";
import type { ArtifactPage } from "./ArtifactIndex.ts";
import { artifact, NOW, open, read } from "./artifacts.fixture.ts";

const names = (page: ArtifactPage) => page.items.map(({ name, version }) => `${name}@${version}`);

describe("artifact index", () => {
  it("[A1] gives back what was added, with id, time and version", async () => {
    await using opened = open();
    const added = await opened.index.add(
      artifact("report.html", { plan_id: "p", task_id: "render", labels: ["untrusted"], media_type: "text/html", bytes: 5 }),
    );
    expect(added).toEqual({
      artifact_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: "report.html",
      media_type: "text/html",
      bytes: 5,
      hash: `sha256:${"a".repeat(64)}`,
      plan_id: "p",
      task_id: "render",
      labels: ["untrusted"],
      created_by: "owner",
      created_at: new Date(NOW).toISOString(),
      version: 1,
      retention: "standard",
    });
    expect(await opened.index.get("local", added.artifact_id)).toEqual(added);
    const plain = await opened.index.add(artifact("x"));
    expect(Object.keys(plain)).not.toContain("plan_id");
  });

  it("[A2] counts versions by name within a plan, and by name alone without one, also when added at once", async () => {
    await using opened = open();
    const { index } = opened;
    await Promise.all(Array.from({ length: 10 }, () => index.add(artifact("a", { plan_id: "p" }))));
    await index.add(artifact("a", { plan_id: "q" }));
    await index.add(artifact("a"));
    const last = await index.add(artifact("a"));
    expect(last.version).toBe(2);
    const [first] = (await index.search({ tenant: "local", plan_id: "p" })).items;
    const all = await index.versions(first?.artifact_id ?? "", { tenant: "local" });
    expect(names(all)).toEqual(Array.from({ length: 10 }, (_, i) => `a@${10 - i}`));
    expect(names(await index.versions(last.artifact_id, { tenant: "local" }))).toEqual(["a@2", "a@1"]);
  });

  it("[A3] adds the same cause once, also when told twice at once", async () => {
    await using opened = open();
    const { index } = opened;
    const [one, two] = await Promise.all([index.add(artifact("a", { source: "p/7/0" })), index.add(artifact("a", { source: "p/7/0" }))]);
    expect(two).toEqual(one);
    expect(await index.add(artifact("other", { source: "p/7/0" }))).toEqual(one);
    expect((await index.search({ tenant: "local" })).items).toHaveLength(1);
    expect((await index.add(artifact("a", { source: "p/7/0", tenant: "other" }))).artifact_id).not.toBe(one?.artifact_id);
  });

  it("[A4] searches by part of the name, plan and media type, newest first, page by page", async () => {
    await using opened = open();
    const { index } = opened;
    for (const [name, media_type, plan_id] of [
      ["Größe 100%.txt", "text/plain", "p"],
      ["data_1.json", "application/json", "p"],
      ["dataX1.json", "application/json", "q"],
      ["chart.png", "image/png", "p"],
      ["image0.bin", "image0/x", "p"],
    ] as const) {
      await index.add(artifact(name, { media_type, plan_id }));
    }
    const find = async (query: object) => (await index.search({ tenant: "local", ...query })).items.map(({ name }) => name);
    expect(await find({ q: "GRÖSSE" })).toEqual([]);
    expect(await find({ q: "größe" })).toEqual(["Größe 100%.txt"]);
    expect(await find({ q: "100%" })).toEqual(["Größe 100%.txt"]);
    expect(await find({ q: "data_1" })).toEqual(["data_1.json"]);
    expect(await find({ q: "!" })).toEqual([]);
    expect(await find({ media_type: "image/*" })).toEqual(["chart.png"]);
    expect(await find({ media_type: "application/json", plan_id: "q" })).toEqual(["dataX1.json"]);
    expect(await find({ q: "' OR '1'='1" })).toEqual([]);
    const pages: string[] = [];
    let cursor: string | null = null;
    do {
      const page: ArtifactPage = await index.search({ tenant: "local", limit: 2, ...(cursor !== null && { cursor }) });
      expect(page.items.length).toBeLessThanOrEqual(2);
      pages.push(...page.items.map(({ name }) => name));
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(pages).toEqual(["image0.bin", "chart.png", "dataX1.json", "data_1.json", "Größe 100%.txt"]);
  });

  it("[A4] refuses cursors and limits that are not its own", async () => {
    await using opened = open();
    const { artifact_id } = await opened.index.add(artifact("a"));
    for (const cursor of ["!!!", "bm90IGFuIGlk", ""]) {
      await expect(opened.index.search({ tenant: "local", cursor })).rejects.toMatchObject({ code: "BAD_REQUEST" });
    }
    await expect(opened.index.versions(artifact_id, { tenant: "local", cursor: "bm9uZQ" })).rejects.toMatchObject({ code: "BAD_REQUEST" });
    await expect(opened.index.search({ tenant: "local", limit: 0 })).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });

  it("[A5] [R29] shows a tenant nothing of another's", async () => {
    await using opened = open();
    const { index, blobs } = opened;
    const { hash, bytes } = await blobs.put(new TextEncoder().encode("theirs"));
    const theirs = await index.add(artifact("secret", { tenant: "theirs", hash, bytes }));
    expect(await index.get("mine", theirs.artifact_id)).toBeUndefined();
    expect((await index.search({ tenant: "mine" })).items).toEqual([]);
    await expect(index.versions(theirs.artifact_id, { tenant: "mine" })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(index.content("mine", theirs.artifact_id)).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await index.usedBytes("mine")).toBe(0);
    expect((await index.add(artifact("secret", { tenant: "mine" }))).version).toBe(1);
  });

  it("[A6] [R93] holds the quota of a tenant, also against many at once", async () => {
    await using opened = open();
    const { index } = opened;
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => index.add(artifact(`a${i}`, { bytes: 30 }), { quotaBytes: 100 })),
    );
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
    expect(outcomes.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { code: "TOO_LARGE", details: { quota_bytes: 100 } },
    });
    expect(await index.usedBytes("local")).toBe(90);
    expect((await index.add(artifact("a", { tenant: "other", bytes: 100 }), { quotaBytes: 100 })).bytes).toBe(100);
  });

  it("[A7] streams content whole or in part, checked against its hash [R124]", async () => {
    await using opened = open();
    const { index, blobs } = opened;
    const { hash, bytes } = await blobs.put(new TextEncoder().encode("hello artifact"));
    const { artifact_id } = await index.add(artifact("a", { hash, bytes }));
    const whole = await index.content("local", artifact_id);
    expect(whole.artifact.artifact_id).toBe(artifact_id);
    expect(await read(whole.content)).toBe("hello artifact");
    const part = await index.content("local", artifact_id, { start: 6, end: 9 });
    expect(part).toMatchObject({ bytes: 14, start: 6, end: 9 });
    expect(await read(part.content)).toBe("art");
    blobs.damage(hash);
    await expect(read((await index.content("local", artifact_id)).content)).rejects.toMatchObject({ code: "INTERNAL" });
    await expect(index.content("local", "../../etc/passwd")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

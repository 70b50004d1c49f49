import { isKosError } from "@kos/klp";
import { describe, expect, it } from "vitest";
import { artifact, NOW, open } from "./artifacts.fixture.ts";
import { createShareLinks } from "./ShareLink.ts";

const HOUR_MS = 3_600_000;

function setUp(opened: ReturnType<typeof open>, key = 1) {
  const time = { now: NOW };
  let ids = 0;
  const links = createShareLinks({
    tables: opened.store.tables,
    key: new Uint8Array(32).fill(key),
    now: () => time.now,
    newId: () => `0190f0c0-0000-7000-8000-${String((ids += 1)).padStart(12, "0")}`,
  });
  return { links, time };
}

async function refused(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isKosError(error)) throw new Error("it was not refused with a code", { cause: error });
  return `${error.code}: ${error.message}`;
}

describe("share links", () => {
  it("[A17] a link gives its artifact, is listed while it is good, and tells nobody its token", async () => {
    await using opened = open();
    const { links } = setUp(opened);
    const { artifact_id } = await opened.index.add(artifact("report.html"));
    const { share, token } = await links.create({ tenant: "local", artifact_id, created_by: "owner", lifetime_ms: HOUR_MS });
    expect(share).toMatchObject({ artifact_id, created_by: "owner", expires_at: new Date(NOW + HOUR_MS).toISOString() });
    expect(await links.open(token)).toEqual({ tenant: "local", artifact_id });
    expect(await links.list("local", artifact_id)).toEqual([share]);
    expect(JSON.stringify(share)).not.toContain(token.split(".")[1]);
    expect(await links.list("other", artifact_id)).toEqual([]);
  });

  it("[R97] a link that was changed, has expired, was taken back, or is another's is refused in the same words", async () => {
    await using opened = open();
    const { links, time } = setUp(opened);
    const { links: elsewhere } = setUp(opened, 2);
    const make = (artifact_id: string, lifetime_ms = HOUR_MS) =>
      links.create({ tenant: "local", artifact_id, created_by: "owner", lifetime_ms });
    const [one, two, short, gone] = await Promise.all([make("a"), make("b"), make("a", 1000), make("a")]);
    await links.revoke("local", "a", gone.share.share_id);
    time.now += 1000;
    const [id, signed = ""] = one.token.split(".");
    const flipped = `${signed.startsWith("A") ? "B" : "A"}${signed.slice(1)}`;
    const answers = await Promise.all(
      [
        `${id}.${flipped}`,
        `${two.share.share_id}.${signed}`,
        `${id}.`,
        `${id}.${signed}A`,
        short.token,
        gone.token,
        "",
        "x".repeat(300),
        `${"0".repeat(36)}.${signed}`,
      ].map((token) => refused(links.open(token))),
    );
    expect(new Set([...answers, await refused(elsewhere.open(one.token))])).toEqual(new Set([answers[0]]));
    expect(answers[0]).toMatch(/^FORBIDDEN/);
    expect(await links.open(one.token)).toEqual({ tenant: "local", artifact_id: "a" });
  });

  it("[R97] a row that somebody changed in the store makes no link good", async () => {
    await using opened = open();
    const { links, time } = setUp(opened);
    const { share, token } = await links.create({ tenant: "local", artifact_id: "a", created_by: "owner", lifetime_ms: 1000 });
    await opened.store.tables.write([
      { sql: "UPDATE artifact_share SET expires_at = ? WHERE share_id = ?", parameters: [NOW + HOUR_MS, share.share_id] },
    ]);
    time.now += 2000;
    expect(await refused(links.open(token))).toMatch(/^FORBIDDEN/);
  });

  it("[A17] takes back only what is there and the artifact's own, and drops what has expired", async () => {
    await using opened = open();
    const { links, time } = setUp(opened);
    const { share } = await links.create({ tenant: "local", artifact_id: "a", created_by: "owner", lifetime_ms: 1000 });
    expect(await refused(links.revoke("local", "b", share.share_id))).toMatch(/^NOT_FOUND/);
    expect(await refused(links.revoke("other", "a", share.share_id))).toMatch(/^NOT_FOUND/);
    time.now += 1000;
    expect(await links.list("local", "a")).toEqual([]);
    await links.create({ tenant: "local", artifact_id: "c", created_by: "owner", lifetime_ms: 1000 });
    const rows = await opened.store.tables.read<{ artifact_id: string }>((query) => query.selectFrom("artifact_share").selectAll());
    expect(rows.map(({ artifact_id }) => artifact_id)).toEqual(["c"]);
  });
});

import { expect, it } from "vitest";
import { checkArchive } from "./archive-check.ts";
import { archiveChecker } from "./archive-checker.ts";
import { ADA, graph, IDENTITY, openHouse } from "./retention.fixture.ts";

const AUDITOR = new URL("../roles/auditor.ts", import.meta.url);
const NOBODY = new URL("./no-such-program.ts", import.meta.url);

it("checks a small archive at once and a large one in a thread, with the same outcome", { timeout: 60_000 }, async () => {
  const house = await openHouse();
  const evidenceOf = async (text: string) => {
    const { plan_id: planId } = await house.engine.submit({ caller: ADA, graph: graph(text), start: false });
    await house.engine.command(ADA, { kind: "cancel", planId });
    return { planId, bytes: await house.planEvidence.export("local", planId) };
  };
  const small = await evidenceOf("x");
  const large = await evidenceOf("x".repeat(300_000));
  expect(large.bytes.length).toBeGreaterThan(262_144);
  const check = archiveChecker(AUDITOR, IDENTITY.publicKey);
  for (const { planId, bytes } of [small, large]) {
    const checked = await check(bytes, planId);
    expect(checked).toEqual(checkArchive(bytes, planId, IDENTITY.publicKey));
    expect(checked?.mentioned.length).toBeGreaterThan(0);
    expect(await check(bytes, "01a21f62-ef4c-7109-b0bd-a305ab9a7b9a")).toBeUndefined();
    const changed = Uint8Array.from(bytes);
    changed[bytes.length >> 1] = (changed[bytes.length >> 1] ?? 0) ^ 1;
    expect(await check(changed, planId)).toBeUndefined();
  }
  // Without its program only what needs no thread can be checked.
  const alone = archiveChecker(NOBODY, IDENTITY.publicKey);
  expect(await alone(small.bytes, small.planId)).toBeDefined();
  await expect(alone(large.bytes, large.planId)).rejects.toThrow();
  await house.close();
});

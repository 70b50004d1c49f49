import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { runKai } from "../kai.ts";
import { createTestMachine } from "../testing/test-machine.ts";

describe("kai verify", () => {
  it("asks no node, and says of a file that is no evidence that it does not hold", async () => {
    const machine = await createTestMachine();
    await writeFile(join(machine.cwd, "run.kos.json"), '{"format":"kos-evidence/1.0"}');
    expect(await runKai(["verify", "run.kos.json"], machine)).toBe(1);
    expect(machine.out()).toContain("✗ The file is strict, canonical JSON of a known format");
    expect(machine.out()).toContain("does not hold");
  });

  it("unpacks what an archive holds compressed, and says of a broken one that it does not hold", async () => {
    const machine = await createTestMachine();
    const packed = gzipSync('{"format":"kos-evidence/1.0"}');
    await writeFile(join(machine.cwd, "run.kos.json.gz"), packed);
    expect(await runKai(["verify", "run.kos.json.gz"], machine)).toBe(1);
    await writeFile(join(machine.cwd, "broken.gz"), packed.subarray(0, 20));
    expect(await runKai(["verify", "broken.gz"], machine)).toBe(1);
    expect(machine.out().match(/does not hold/g)).toHaveLength(2);
    expect(machine.err()).toBe("");
  });

  it("refuses a key that is none", async () => {
    const machine = await createTestMachine({ input: "{}" });
    expect(await runKai(["verify", "-", "--key", "did:key:zNope"], machine)).toBe(2);
    await writeFile(join(machine.cwd, "key.txt"), "nothing");
    expect(await runKai(["verify", "-", "--key", "key.txt"], machine)).toBe(2);
    expect(machine.err()).toContain("holds no did:key");
  });
});

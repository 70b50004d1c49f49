import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { COMMANDS } from "./command-table.ts";
import { runKai } from "./kai.ts";
import { createTestMachine } from "./testing/test-machine.ts";

async function kai(...args: string[]) {
  const machine = await createTestMachine();
  return { code: await runKai([...args, "--data", "none"], machine), out: machine.out(), err: machine.err() };
}

describe("the command line", () => {
  it.each(COMMANDS.map(({ name, examples }) => [name, examples] as const))(
    "kai %s --help shows what it takes, with examples",
    async (name, examples) => {
      const { code, out } = await kai(...name.split(" "), "--help");
      expect(code).toBe(0);
      expect(out).toContain(`Usage: kai ${name}`);
      expect(examples.length).toBeGreaterThan(0);
      for (const [args] of examples) expect(out).toContain(`kai ${args}`);
    },
  );

  it("shows every command in its help", async () => {
    const { code, out } = await kai("--help");
    expect(code).toBe(0);
    for (const name of new Set(COMMANDS.map((command) => command.name.split(" ")[0] ?? "")))
      expect(out).toMatch(new RegExp(`^  ${name} `, "m"));
  });

  it.each([
    [["shwo"], "Did you mean show?"],
    [["plan", "shwo"], "Did you mean show?"],
    [["ps", "--opne"], "Did you mean --open?"],
    [["show"], "Missing required argument 'plan'"],
    [["cancel", "a", "b"], "Too many arguments"],
    [["ps", "--limit", "many"], "--limit takes a whole number"],
    [["ps", "--status", "runing"], "Did you mean running?"],
    [["logs", "--level", "loud"], "--level"],
    [["run", "repo-report", "--missed", "maybe"], "Allowed choices are skip, once, all.\n"],
    [["completion", "tcsh"], "There is one for bash, zsh, fish"],
  ])("kai %j is a usage error: %s", async (args, expected) => {
    const { code, err } = await kai(...args);
    expect(err).toContain("error BAD_REQUEST");
    expect(err).toContain(expected);
    expect(code).toBe(2);
  });

  it("[R138] shows no stack, and causes only with KOS_DEBUG=1", async () => {
    const machine = await createTestMachine({ env: { KOS_DEBUG: "1" } });
    await runKai(["verify", "gone.json"], machine);
    expect(machine.err()).toContain("caused by Error: ENOENT");
    expect(machine.err()).not.toMatch(/^\s+at .*:\d+:\d+/m);
    expect((await kai("verify", "gone.json")).err).not.toContain("caused by");
  });

  it("alone shows the first few commands", async () => {
    const machine = await createTestMachine();
    expect(await runKai([], machine)).toBe(0);
    expect(machine.out()).toContain("kai run repo-report --path DIR");
  });
});

describe("completion", () => {
  it("completes commands, subcommands and options in bash", async () => {
    const script = (await kai("completion", "bash")).out;
    const complete = (...words: string[]) =>
      execFileSync(
        "bash",
        ["-c", `${script}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _kai; echo "\${COMPREPLY[*]}"`, "bash", "kai", ...words],
        { encoding: "utf8" },
      ).trim();
    expect(complete("sh")).toBe("show");
    expect(complete("plan", "e")).toBe("edit");
    expect(complete("show", "--ev")).toBe("--evidence");
    expect(complete("plan", "show", "last", "--mer")).toBe("--mermaid");
  });

  it.each(["zsh", "fish"])("has a script for %s with every command", async (shell) => {
    const { code, out } = await kai("completion", shell);
    expect(code).toBe(0);
    for (const { name } of COMMANDS) expect(out).toContain(name.split(" ").at(-1));
  });
});

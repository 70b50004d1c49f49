// A code base made for the demonstration, always the same, of which everything that will be counted is known beforehand.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What the files hold, counted while they are made. */
export interface DemoFacts {
  readonly files: number;
  readonly bytes: number;
  readonly todos: number;
  /** Groups of files with the same content. */
  readonly duplicates: number;
}

interface DemoFile {
  readonly path: string;
  readonly text: string;
}

const MODULES = 1_400;
/** So many that a chunk of the work takes long enough for a process to die in the middle of it. */
const FUNCTIONS_A_MODULE = 120;
const MODULES_A_FOLDER = 100;
const MODULES_A_TODO = 50;

export async function makeDemoFiles(folder: string): Promise<DemoFacts> {
  const files = demoFiles();
  const folders = new Set(files.map(({ path }) => join(folder, path, "..")));
  await Promise.all([...folders].map((path) => mkdir(path, { recursive: true })));
  for (const { path, text } of files) await writeFile(join(folder, path), text);
  return {
    files: files.length,
    bytes: files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0),
    todos: files.reduce((sum, { text }) => sum + text.split("TODO").length - 1, 0),
    duplicates: 1,
  };
}

function demoFiles(): readonly DemoFile[] {
  const modules = Array.from({ length: MODULES }, (_, number): DemoFile => {
    const area = `area-${String(Math.floor(number / MODULES_A_FOLDER) + 1).padStart(2, "0")}`;
    return { path: `src/${area}/module-${number}.ts`, text: moduleText(number) };
  });
  const script = "import sys\n\nfor line in sys.stdin:\n    print(line.upper(), end='')\n";
  return [
    { path: "README.md", text: "# Orchard\n\nKeeps track of trees, harvests and who picked them.\n" },
    {
      path: "package.json",
      text: `${JSON.stringify({ name: "orchard", version: "1.0.0", license: "MIT", dependencies: { zod: "4.1.0" } })}\n`,
    },
    { path: "tools/shout.py", text: script },
    { path: "tools/old/shout.py", text: script },
    ...modules,
  ];
}

function moduleText(number: number): string {
  const head = number % MODULES_A_TODO === 0 ? ["// TODO: weigh the baskets before they are counted"] : [];
  const body = Array.from({ length: FUNCTIONS_A_MODULE }, (_, place) => functionText(number, place));
  return `${[...head, ...body].join("\n")}\n`;
}

function functionText(number: number, place: number): string {
  return [
    `/** Trees of row ${place} in orchard ${number}. */`,
    `export function row${place}(trees: readonly number[]): number {`,
    `  return trees.filter((tree) => tree % ${place + 2} === ${number % (place + 2)}).length;`,
    "}",
  ].join("\n");
}

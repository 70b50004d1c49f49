/** Finds the test vectors made by others, which lie beside the checkout in `../shared/vectors` and are not part of it. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../../../../shared/vectors/", import.meta.url));

/** Why a test of vectors is skipped, or false when they are there. The reason belongs into the name of the test. */
export function missingVectors(name: string): string | false {
  return existsSync(join(FOLDER, name)) ? false : `../shared/vectors/${name} is not beside the checkout`;
}

export function readVector(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(FOLDER, name)));
}

/** A JSON file of vectors. Its shape is the author's promise; tests fail where it is not kept. */
export function readJsonVector<T>(name: string): T {
  return JSON.parse(readFileSync(join(FOLDER, name), "utf8")) as T;
}

/** All files below a folder, by path relative to the vectors. */
export function listVectors(name: string): string[] {
  return readdirSync(join(FOLDER, name), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".json"))
    .map((entry) => join(entry.parentPath, entry.name).slice(FOLDER.length))
    .sort();
}

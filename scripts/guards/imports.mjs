// What a source file imports, read by a parser: each name with its line and whether only its type is used.
import { readFileSync } from "node:fs";
import path from "node:path";
import { parseSync } from "oxc-parser";

/** @typedef {{ specifier: string, line: number, typeOnly: boolean, names: string[] }} Import names: imported as values; `*` for the whole module */

/**
 * @param {string} root
 * @param {string} file
 * @returns {Import[]}
 */
export function importsOf(root, file) {
  const text = readFileSync(path.join(root, file), "utf8");
  const { module, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file} does not parse: ${errors[0]?.message}`);
  /** @param {number} offset */
  const lineAt = (offset) => text.slice(0, offset).split("\n").length;
  /** @type {Import[]} */
  const found = [];
  for (const statement of module.staticImports) {
    const values = statement.entries.filter((entry) => !entry.isType);
    found.push({
      specifier: statement.moduleRequest.value,
      line: lineAt(statement.start),
      typeOnly: statement.entries.length > 0 && values.length === 0,
      names: values.map((entry) => entry.importName.name ?? (entry.importName.kind === "Default" ? "default" : "*")),
    });
  }
  for (const statement of module.staticExports) {
    for (const entry of statement.entries) {
      if (entry.moduleRequest === null) continue;
      const name = entry.importName.name ?? "*";
      found.push({
        specifier: entry.moduleRequest.value,
        line: lineAt(statement.start),
        typeOnly: entry.isType,
        names: entry.isType ? [] : [name],
      });
    }
  }
  for (const call of module.dynamicImports) {
    const specifier = /^(["'`])([^$]*)\1$/.exec(text.slice(call.moduleRequest.start, call.moduleRequest.end))?.[2];
    if (specifier !== undefined) found.push({ specifier, line: lineAt(call.start), typeOnly: false, names: ["*"] });
  }
  return found;
}

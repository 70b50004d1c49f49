/** Which values JSON cannot carry unchanged, and where in a document one is. Slow and thorough: asked when something has failed, or on rare paths. */

import { jsonPointer } from "./json-pointer.ts";

/** Made by a literal, by JSON.parse or without a prototype; also in another realm, whose Object.prototype is another one. */
export function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** The first thing JSON cannot carry, in words and with its place, or undefined when all of it can be serialised. */
export function findUnfit(root: unknown, maxDepth: number): string | undefined {
  const path: (string | number)[] = [];
  const ancestors = new Set<object>();
  return search(root);

  function search(value: unknown): string | undefined {
    switch (typeof value) {
      case "boolean":
        return undefined;
      case "string":
        return value.isWellFormed() ? undefined : at("a lone surrogate");
      case "number":
        return Number.isFinite(value) ? undefined : at(String(value));
      case "object":
        return value === null ? undefined : searchInside(value);
      default:
        return at(typeof value);
    }
  }

  function searchInside(container: object): string | undefined {
    if (ancestors.has(container)) return at("a cycle");
    if (path.length >= maxDepth) return at(`more than ${maxDepth} levels`);
    if (!Array.isArray(container) && !isPlain(container)) return at("an object that is not plain");
    ancestors.add(container);
    const steps = Array.isArray(container) ? container.keys() : Object.keys(container);
    for (const step of steps) {
      if (typeof step === "string" && !step.isWellFormed()) return at("a key with a lone surrogate");
      path.push(step);
      const finding = search((container as Readonly<Record<string | number, unknown>>)[step]);
      if (finding !== undefined) return finding;
      path.pop();
    }
    ancestors.delete(container);
    return undefined;
  }

  function at(finding: string): string {
    return `${finding} at ${jsonPointer(path)}`;
  }
}

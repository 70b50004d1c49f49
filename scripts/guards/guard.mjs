// What a guard is: a named check over a checkout that returns what is wrong, in lines a person can act on. It changes nothing.

/** @typedef {{ name: string, run: (root: string) => Promise<string[]> }} Guard */

export {};

import { expect, it } from "vitest";
import { createThemeSwitch } from "./theme.ts";

it("follows the system until told otherwise, and remembers what it was told", () => {
  const kept = new Map<string, string>();
  const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
  const root = { dataset: {} as Record<string, string> } as unknown as HTMLElement;
  const { theme, next } = createThemeSwitch(root, storage);
  const seen = [theme.get()];
  for (let turn = 0; turn < 3; turn += 1) {
    next();
    seen.push(theme.get());
    if (theme.get() === "dark") expect(createThemeSwitch(root, storage).theme.get()).toBe("dark");
    expect(root.dataset["theme"]).toBe(theme.get() === "system" ? undefined : theme.get());
  }
  expect(seen).toEqual(["system", "light", "dark", "system"]);
});

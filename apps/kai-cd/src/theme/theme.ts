// Light or dark: what the system says, unless the person says otherwise. Remembered by this browser.

import { createStore, type Store } from "../data/store.ts";

const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const KEY = "kos.theme";

export interface ThemeSwitch {
  readonly theme: Store<Theme>;
  /** Takes the one after the present one. */
  next(): void;
}

export function createThemeSwitch(root: HTMLElement, storage: Pick<Storage, "getItem" | "setItem">): ThemeSwitch {
  const kept = storage.getItem(KEY);
  const theme = createStore<Theme>(THEMES.find((known) => known === kept) ?? "system");
  const show = () => {
    if (theme.get() === "system") delete root.dataset["theme"];
    else root.dataset["theme"] = theme.get();
  };
  show();
  return {
    theme,
    next() {
      theme.set(THEMES[(THEMES.indexOf(theme.get()) + 1) % THEMES.length] ?? "system");
      storage.setItem(KEY, theme.get());
      show();
    },
  };
}

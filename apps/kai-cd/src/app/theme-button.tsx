// Light, dark, or as the system says.

import { useStore } from "../data/store.ts";
import type { Theme } from "../theme/theme.ts";
import { useConsole } from "./console.ts";

const WORDS: Readonly<Record<Theme, string>> = { system: "as the system says", light: "light", dark: "dark" };

export function ThemeButton() {
  const { theme } = useConsole();
  const now = useStore(theme.theme);
  return (
    <button
      type="button"
      onClick={theme.next}
      aria-label={`Colours: ${WORDS[now]}. Change`}
      title={`Colours: ${WORDS[now]}`}
      className="grid size-9 place-items-center rounded-md text-quiet hover:bg-sunk hover:text-ink"
    >
      <svg
        viewBox="0 0 20 20"
        className="size-5"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
        aria-hidden="true"
      >
        {now === "dark" && <path d="M16.5 11.8A7 7 0 0 1 8.2 3.5a7 7 0 1 0 8.3 8.3z" strokeLinejoin="round" />}
        {now === "light" && (
          <>
            <circle cx="10" cy="10" r="3.4" />
            <path d="M10 1.8v1.6m0 13.2v1.6M1.8 10h1.6m13.2 0h1.6M4.2 4.2l1.1 1.1m9.4 9.4 1.1 1.1m0-11.6-1.1 1.1m-9.4 9.4-1.1 1.1" />
          </>
        )}
        {now === "system" && (
          <>
            <circle cx="10" cy="10" r="7" />
            <path d="M10 3a7 7 0 0 1 0 14z" fill="currentColor" stroke="none" />
          </>
        )}
      </svg>
    </button>
  );
}

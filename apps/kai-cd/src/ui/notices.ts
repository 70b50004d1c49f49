// Short words about what a command did or why it did not; read out, and gone after a while or when closed.

import { createStore, type Store } from "../data/store.ts";

interface Notice {
  readonly id: number;
  readonly tone: "done" | "problem";
  readonly text: string;
}

export interface Notices {
  readonly shown: Store<readonly Notice[]>;
  done(text: string): void;
  problem(text: string): void;
  close(id: number): void;
}

const SHOWN_MS = 8000;
const MOST = 4;

export function createNotices(after: (ms: number, run: () => void) => void): Notices {
  const shown = createStore<readonly Notice[]>([]);
  let count = 0;
  const close = (id: number) => shown.set(shown.get().filter((notice) => notice.id !== id));
  function show(tone: Notice["tone"], text: string): void {
    const id = ++count;
    shown.set([...shown.get(), { id, tone, text }].slice(-MOST));
    // What went wrong stays until somebody has seen it.
    if (tone === "done") after(SHOWN_MS, () => close(id));
  }
  return { shown, close, done: (text) => show("done", text), problem: (text) => show("problem", text) };
}

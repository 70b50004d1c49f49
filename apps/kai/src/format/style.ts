// Colours and signs of the terminal. Without colours the signs alone carry the meaning.

import type { PlanStatus, TaskStatus } from "@kos/plan";
import picocolors from "picocolors";

export interface Style {
  readonly colours: boolean;
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
  accent(text: string): string;
}

export function createStyle(colours: boolean): Style {
  const { bold, dim, green, red, yellow, cyan } = picocolors.createColors(colours);
  return { colours, bold, dim, good: green, bad: red, warn: yellow, accent: cyan };
}

export type Status = PlanStatus | TaskStatus;

/** One column wide. `running` has none of its own where a spinner turns. */
const SIGNS: { readonly [Name in Status]: string } = {
  draft: "○",
  pending: "·",
  ready: "·",
  running: "▸",
  reviewing: "◇",
  waiting_approval: "?",
  waiting_input: "?",
  paused: "‖",
  in_doubt: "!",
  succeeded: "✓",
  failed: "✗",
  skipped: "–",
  cancelled: "⊘",
};

const TONES: { readonly [Name in Status]: keyof Omit<Style, "colours"> } = {
  draft: "dim",
  pending: "dim",
  ready: "dim",
  running: "accent",
  reviewing: "accent",
  waiting_approval: "warn",
  waiting_input: "warn",
  paused: "warn",
  in_doubt: "warn",
  succeeded: "good",
  failed: "bad",
  skipped: "dim",
  cancelled: "dim",
};

export function signOf(status: Status, style: Style, sign: string = SIGNS[status]): string {
  return style[TONES[status]](sign);
}

/** `waiting for approval`, in its colour. */
export function statusText(status: Status, style: Style): string {
  return style[TONES[status]](statusWords(status));
}

export function statusWords(status: Status): string {
  switch (status) {
    case "waiting_approval":
      return "waiting for approval";
    case "waiting_input":
      return "waiting for an answer";
    case "in_doubt":
      return "in doubt";
    default:
      return status;
  }
}

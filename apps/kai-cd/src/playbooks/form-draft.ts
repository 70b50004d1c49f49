// What was typed into a form, kept for this tab: a reload or a way back does not lose it.

import type { FormValues } from "../forms/form-values.ts";

const keyOf = (playbook: string) => `kos.form.${playbook}`;

export function readDraft(storage: Pick<Storage, "getItem">, playbook: string): FormValues {
  try {
    const kept: unknown = JSON.parse(storage.getItem(keyOf(playbook)) ?? "{}");
    return typeof kept === "object" && kept !== null ? (kept as FormValues) : {};
  } catch {
    return {}; // Somebody else wrote it: begin anew.
  }
}

export function keepDraft(storage: Pick<Storage, "setItem">, playbook: string, values: FormValues): void {
  storage.setItem(keyOf(playbook), JSON.stringify(values));
}

export function dropDraft(storage: Pick<Storage, "removeItem">, playbook: string): void {
  storage.removeItem(keyOf(playbook));
}

// A person's own playbooks as files of the data folder: saved whole or not at all, never overwritten unasked, never really gone.

import { copyFile, link, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { hashText, isKosError, KosError } from "@kos/klp";
import type { CapabilityCatalogue, CheckOptions, Finding } from "@kos/plan";
import { findingsError } from "@kos/plan";
import { checkPlaybook } from "./check-playbook.ts";
import { isPlaybookName } from "./playbook.ts";
import type { PlaybookFile, PlaybookSource } from "./playbook-source.ts";

interface SavedPlaybook {
  readonly name: string;
  readonly file: string;
  readonly hash: string;
  /** Where the one it took the place of lies now. */
  readonly kept?: string;
  readonly replaces_shipped: boolean;
  readonly findings: readonly Finding[];
}

export interface OwnPlaybooks {
  /** Errors: BAD_REQUEST (name; `details.findings` for a text with errors), CONFLICT when there is one and `replace` is not given. */
  save(name: string, text: string, options?: { readonly replace?: boolean }): Promise<SavedPlaybook>;
  /** Puts it away. Errors: NOT_FOUND, FORBIDDEN for one that came with kOS. */
  remove(name: string): Promise<{ readonly name: string; readonly kept: string }>;
  /** All findings of a text, or of the playbook of that name. Errors: NOT_FOUND. */
  check(
    name: string,
    sent?: { readonly text: string; readonly file?: string },
  ): Promise<{ readonly file: string; readonly findings: readonly Finding[] }>;
}

export interface OwnPlaybooksOptions {
  /** The person's folder; made when it is first needed. */
  readonly folder: string;
  /** Where playbooks are looked up, the person's own among them. */
  readonly source: PlaybookSource;
  readonly catalogue: CapabilityCatalogue;
  readonly check?: CheckOptions;
}

/** Playbooks that others took the place of. Its name is none of a playbook, so nothing in it is ever found. */
const KEPT_FOLDER = ".kept";

export function createOwnPlaybooks({ folder, source, catalogue, check }: OwnPlaybooksOptions): OwnPlaybooks {
  const pathOf = (name: string) => join(folder, `${name}.yaml`);

  async function keep(name: string): Promise<string> {
    const text = await readFile(pathOf(name), "utf8");
    const kept = join(folder, KEPT_FOLDER, `${name}.${hashText(text).slice("sha256:".length, "sha256:".length + 12)}.yaml`);
    await mkdir(join(folder, KEPT_FOLDER), { recursive: true, mode: 0o700 });
    await copyFile(pathOf(name), kept);
    return kept;
  }

  async function write(name: string, text: string, isReplacing: boolean): Promise<void> {
    const temporary = join(folder, `.${name}.${hashText(text).slice(-12)}.new`);
    await rm(temporary, { force: true });
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    try {
      // A link never takes the place of something; a rename does.
      if (isReplacing) await rename(temporary, pathOf(name));
      else await link(temporary, pathOf(name));
    } finally {
      await rm(temporary, { force: true });
    }
  }

  return {
    async save(name, text, { replace = false } = {}) {
      refuseName(name);
      const checked = checkPlaybook({ name, file: `${name}.yaml`, origin: "own", text }, catalogue, check);
      const error = findingsError(checked.findings);
      if (error !== undefined) throw error;
      const others = await source.read(name);
      const isThere = others.some(({ origin }) => origin === "own");
      if (isThere && !replace) throw alreadyThere(name, pathOf(name));
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const kept = isThere ? await keep(name) : undefined;
        await write(name, text, isThere);
        return {
          name,
          file: pathOf(name),
          hash: checked.read?.hash ?? "",
          ...(kept !== undefined && { kept }),
          replaces_shipped: others.some(({ origin }) => origin === "shipped"),
          findings: checked.findings,
        };
      } catch (cause) {
        if (codeOf(cause) === "EEXIST") throw alreadyThere(name, pathOf(name), cause);
        throw notWritten(folder, cause);
      }
    },
    async remove(name) {
      refuseName(name);
      const found = await source.read(name);
      if (!found.some(({ origin }) => origin === "own")) throw notYours(name, found);
      try {
        const kept = await keep(name);
        await rm(pathOf(name));
        return { name, kept };
      } catch (cause) {
        throw notWritten(folder, cause);
      }
    },
    async check(name, sent) {
      if (sent !== undefined) {
        const file: PlaybookFile = { name, file: sent.file ?? `${name}.yaml`, origin: "own", text: sent.text };
        return { file: file.file, findings: checkPlaybook(file, catalogue, check).findings };
      }
      const [file] = await source.read(name);
      if (file === undefined) throw notYours(name, []);
      return { file: file.file, findings: checkPlaybook(file, catalogue, check).findings };
    },
  };
}

function refuseName(name: string): void {
  if (isPlaybookName(name)) return;
  throw new KosError("BAD_REQUEST", `${JSON.stringify(name.slice(0, 80))} is no name of a playbook.`, {
    details: { hint: "Use small letters, digits and single dashes, beginning with a letter, at most 64: weekly-report." },
  });
}

function alreadyThere(name: string, file: string, cause?: unknown): KosError {
  return new KosError("CONFLICT", `There is a playbook "${name}" of yours already: ${file}. Nothing was changed.`, {
    details: { hint: "Choose another name, or say that it is to be replaced; the old one is kept.", playbook: name },
    retryable: false,
    cause,
  });
}

function notYours(name: string, found: readonly PlaybookFile[]): KosError {
  const shown = name.slice(0, 80);
  if (found.length === 0) return new KosError("NOT_FOUND", `There is no playbook "${shown}".`, { details: { playbook: shown } });
  return new KosError("FORBIDDEN", `The playbook "${shown}" came with kOS and stays. One of yours with its name would stand in for it.`);
}

function notWritten(folder: string, cause: unknown): KosError {
  if (isKosError(cause)) return cause;
  const code = codeOf(cause);
  if (code === "ENOSPC" || code === "EDQUOT")
    return new KosError("STORAGE_FULL", `${folder} is full: the playbook was not saved.`, { cause });
  return new KosError("INTERNAL", `The playbook could not be written to ${folder} (${code ?? "unknown"}).`, { cause });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

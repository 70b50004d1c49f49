// What a capability reads: a file under a granted folder or an artifact, exactly one of them. It owns opening and bounds, not formats.

import { basename } from "node:path";
import type { CapabilityContext } from "@kos/agent";
import { isKosError } from "@kos/klp";
import Type from "typebox";
import { HashSchema } from "../artifact/artifact-schema.ts";
import { type BytePath, spellPath } from "../paths/byte-path.ts";
import { resolveGrantedPath } from "../paths/granted-path.ts";
import { isRefusal, openRegularFile } from "../paths/guarded-open.ts";
import { badParam } from "../task-error.ts";
import { unreadable } from "./unreadable.ts";

/** The input properties that name a source, beside `ONE_SOURCE` on the object. */
const SourceProperties = {
  path: Type.Optional(
    Type.String({
      title: "File",
      description: "The file to read. It must lie under a granted folder.",
      minLength: 1,
      maxLength: 4096,
      "x-kos-type": "fs.path",
      "x-kos-sink": "control",
    }),
  ),
  artifact: Type.Optional({
    ...HashSchema,
    title: "Artifact",
    description: "Hash of the artifact to read, instead of a file.",
    "x-kos-sink": "control",
  }),
  media_type: Type.Optional(
    Type.String({
      title: "Media type",
      description: "What the sender says it is. The bytes decide; a lie is noted in the warnings.",
      maxLength: 200,
    }),
  ),
};

/** The same for a capability that is made for some kinds of files: endings of their names, `html`. Others it may be given, too. */
export function sourceOf(files: readonly string[]) {
  const { path, ...rest } = SourceProperties;
  return { path: Type.Optional({ ...path, "x-kos-files": [...files] }), ...rest };
}

/** Keywords of an input object with `SourceProperties`. */
export const ONE_SOURCE = { anyOf: [{ required: ["path"] }, { required: ["artifact"] }], additionalProperties: false } as const;

export interface SourceParams {
  readonly path?: string;
  readonly artifact?: string;
  readonly media_type?: string;
}

export interface Source extends AsyncDisposable {
  /** JSON pointer of the param that named it. */
  readonly at: string;
  /** File name without folders; nothing for an artifact, which is known by its hash alone. */
  readonly name: string | undefined;
  /** What the sender says it is. */
  readonly mediaType: string | undefined;
  readonly bytes: number;
  /** At most `length` bytes from `position`; fewer only at the end. */
  read(position: number, length: number): Promise<Buffer>;
}

/**
 * Opens the source; the caller disposes of it. An artifact is held in memory, a file is read piece by piece.
 * Errors: BAD_REQUEST (none or both named; reason `unreachable`: no regular file, or not to be read), FORBIDDEN, NOT_FOUND, TOO_LARGE above `maxBytes`.
 */
export async function openSource(params: SourceParams, context: CapabilityContext, maxBytes: number): Promise<Source> {
  const { path, artifact } = params;
  if (path !== undefined && artifact !== undefined) {
    throw badParam("/artifact", "Both a path and an artifact are given.", "Give one of them.");
  }
  if (path !== undefined) return openFile(path, params.media_type, context, maxBytes);
  if (artifact !== undefined) return openArtifact(artifact, params.media_type, context, maxBytes);
  throw badParam("", "Nothing to read is named.", "Give a path or an artifact.");
}

/** The whole source. */
export function readWhole(source: Source): Promise<Buffer> {
  return source.read(0, source.bytes);
}

async function openFile(text: string, mediaType: string | undefined, context: CapabilityContext, maxBytes: number): Promise<Source> {
  const at = "/path";
  const { path } = resolveGrantedPath(text, context.fsRoots, at);
  return openFileAt(path, { at, shown: text, mediaType, maxBytes });
}

export interface FileAt {
  readonly at: string;
  /** How errors call it. */
  readonly shown: string;
  readonly mediaType?: string | undefined;
  readonly maxBytes: number;
}

/** The file at an absolute real path that is known to lie under a granted root. Errors: BAD_REQUEST (`unreachable`), TOO_LARGE. */
export async function openFileAt(path: BytePath, { at, shown, mediaType, maxBytes }: FileAt): Promise<Source> {
  const file = await openRegularFile(path);
  if (isRefusal(file)) {
    const message = `${JSON.stringify(shown)} cannot be read (${file.refused}).`;
    const hint = "Give a regular file that the user the node runs as may read.";
    throw unreadable("unreachable", at, message, hint, { details: { refused: file.refused } });
  }
  const bytes = file.stats.size;
  if (bytes > maxBytes) {
    await file.handle.close();
    throw tooLarge(at, maxBytes, bytes);
  }
  return {
    at,
    name: basename(spellPath(path).path),
    mediaType,
    bytes,
    async read(position, length) {
      const buffer = Buffer.alloc(Math.max(0, Math.min(length, bytes - position)));
      let filled = 0;
      while (filled < buffer.length) {
        const { bytesRead } = await file.handle.read(buffer, filled, buffer.length - filled, position + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    },
    [Symbol.asyncDispose]: () => file.handle.close(),
  };
}

async function openArtifact(hash: string, mediaType: string | undefined, context: CapabilityContext, maxBytes: number): Promise<Source> {
  const at = "/artifact";
  const content = await context.artifacts.get(hash, { maxBytes }).catch((error: unknown) => {
    throw isKosError(error, "TOO_LARGE") ? tooLarge(at, maxBytes) : error;
  });
  const buffer = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  return {
    at,
    name: undefined,
    mediaType,
    bytes: buffer.length,
    read: async (position, length) => buffer.subarray(position, position + length),
    [Symbol.asyncDispose]: async () => {},
  };
}

function tooLarge(at: string, maxBytes: number, bytes?: number): Error {
  const size = bytes === undefined ? "" : ` (${bytes} bytes)`;
  return unreadable("too_large", at, `It is larger than ${maxBytes} bytes${size}.`, "Split it, or leave it out.", {
    details: { max_bytes: maxBytes, ...(bytes !== undefined && { bytes }) },
  });
}

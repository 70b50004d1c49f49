// The built console: one page and the files it loads, as they lie in a folder. Names come from the build and carry the hash of their content, so
// a browser may keep them for ever; the page itself is asked for each time.

import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { KosError } from "@kos/klp";
import type { FastifyInstance } from "fastify";
import type { ConsoleOptions } from "./gateway-options.ts";
import type { RouteConfig } from "./rest-server.ts";

const ASSET = /^[A-Za-z0-9_-]{1,100}\.[a-z0-9]{1,10}$/;
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/** Undefined while it is not built. */
export function consolePage({ folder }: ConsoleOptions): Promise<string | undefined> {
  return readFile(join(folder, "index.html"), "utf8").catch(absent);
}

/** Its own files, this very node, and previews in frames; no script or style written into the page, no eval, no text becomes markup. */
export function consolePolicy({ contentOrigin }: ConsoleOptions, host: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self'",
    "worker-src 'self'",
    // Not every browser counts the socket of the same host as 'self'.
    `connect-src 'self' ws://${host}`,
    `frame-src ${contentOrigin}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types kos-worker",
  ].join("; ");
}

export function registerConsoleFiles(server: FastifyInstance, { folder }: ConsoleOptions): void {
  server.route<{ Params: { name: string } }>({
    method: "GET",
    url: "/console/assets/:name",
    config: { always: true } satisfies RouteConfig,
    async handler(request, reply) {
      const { name } = request.params;
      const type = MEDIA_TYPES[extname(name)];
      const content = ASSET.test(name) && type !== undefined ? await readFile(join(folder, "assets", name)).catch(absent) : undefined;
      if (content === undefined || type === undefined)
        throw new KosError("NOT_FOUND", "The console has no such file; it was built anew. Load the page again.");
      return reply.type(type).header("cache-control", "public, max-age=31536000, immutable").send(content);
    },
  });
}

function absent(error: unknown): undefined {
  const { code } = error as { readonly code?: string };
  if (code === "ENOENT" || code === "ENOTDIR") return undefined;
  throw error;
}

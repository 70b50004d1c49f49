// The page at `/`: says that the node runs and what to do next, and shows plans and agents to whoever opens a login link.

import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { PAGE_SCRIPT } from "./page-script.ts";
import { PAGE_STYLE } from "./page-style.ts";
import type { RouteConfig } from "./rest-server.ts";

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>kOS node</title>
<link rel="icon" href="data:,">
<style>${PAGE_STYLE}</style>
</head>
<body>
<main>
<h1>kOS node</h1>
<p id="status" role="status">This node is running.</p>
<section id="signed-out">
<p>To sign in here, run <code>npx kai login-link</code> on the machine of this node and open the link that it prints. A link works once, for two minutes.</p>
<p>To try the node without a browser: <code>npx kai run repo-report --path DIR</code>. All commands: <code>npx kai --help</code>.</p>
</section>
<section id="signed-in" hidden>
<button type="button" id="refresh">Refresh</button>
<h2 id="plans-title">Plans</h2>
<div class="wide" role="region" aria-labelledby="plans-title" tabindex="0">
<table id="plans"><caption>The newest 50</caption>
<thead><tr><th scope="col">Goal</th><th scope="col">Status</th><th scope="col">Tasks</th><th scope="col">Created</th><th scope="col">Id</th></tr></thead><tbody></tbody></table>
</div>
<h2 id="agents-title">Agents</h2>
<div class="wide" role="region" aria-labelledby="agents-title" tabindex="0">
<table id="agents">
<thead><tr><th scope="col">Agent</th><th scope="col">State</th><th scope="col">In flight</th><th scope="col">Capabilities</th></tr></thead><tbody></tbody></table>
</div>
</section>
<h2>For programs</h2>
<p>The REST contract is at <a href="/openapi.json">/openapi.json</a>, the node's identity at <a href="/.well-known/klp.json">/.well-known/klp.json</a>; frames go over <code>/ws</code>.</p>
</main>
<noscript><p>Signing in on this page needs JavaScript; <code>kai</code> does not.</p></noscript>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;

/** Nothing but this very style and script, and calls to this very node. */
const PAGE_POLICY = [
  "default-src 'none'",
  `script-src ${hashOf(PAGE_SCRIPT)}`,
  `style-src ${hashOf(PAGE_STYLE)}`,
  "connect-src 'self'",
  "img-src data:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

export function registerPage(server: FastifyInstance): void {
  server.route({
    method: "GET",
    url: "/",
    config: { opensPage: true, always: true } satisfies RouteConfig,
    async handler(_request, reply) {
      return reply.type("text/html; charset=utf-8").header("content-security-policy", PAGE_POLICY).send(PAGE);
    },
  });
}

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

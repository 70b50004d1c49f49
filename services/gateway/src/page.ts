// The page at `/`: the console where it is built. Until then, and always at `/plain`, a page that needs nothing installed: it says that the node
// runs and what to do next, shows plans and agents to whoever opens a login link, and at `/` has the console built and says how far that is.

import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyReply } from "fastify";
import { consolePage, consolePolicy, registerConsoleFiles } from "./console-files.ts";
import type { ConsoleOptions } from "./gateway-options.ts";
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
<header>
<div>
<h1>kOS node</h1>
<p id="status" role="status">This node is running.</p>
</div>
<div id="bar" hidden>
<p id="as-of" class="quiet"></p>
<button type="button" id="refresh">Refresh</button>
</div>
</header>
<main>
<section id="building" aria-labelledby="building-title" hidden>
<h2 id="building-title">The console is being made ready</h2>
<div class="card">
<p id="building-step" role="status"></p>
<progress id="building-bar" aria-label="Progress of the installation"></progress>
<p id="building-failed" role="alert" hidden></p>
<p id="building-again" hidden><button type="button" id="build-again">Try again</button></p>
<p class="quiet">It is installed and built on this machine, once. Until then this page shows what runs; everything else works.</p>
</div>
</section>
<section id="signed-out" aria-labelledby="sign-in-title">
<h2 id="sign-in-title">Sign in</h2>
<div class="card">
<p>Run <code>npx kai login-link</code> on the machine of this node and open the link that it prints. A link works once, for two minutes.</p>
<p>To try the node without a browser: <code>npx kai run repo-report --path DIR</code>. All commands: <code>npx kai --help</code>.</p>
</div>
</section>
<section id="signed-in" aria-label="What this node does" hidden>
<h2 id="plans-title">Plans</h2>
<p class="quiet">The newest 50. More about one: <code>npx kai show ID</code></p>
${table("plans", ["Goal", "Status", "Tasks", "Created", "Id"])}
<h2 id="agents-title">Agents</h2>
${table("agents", ["Agent", "State", "In flight", "Capabilities"])}
</section>
<section aria-labelledby="programs-title">
<h2 id="programs-title">For programs</h2>
<p>The REST contract is at <a href="/openapi.json">/openapi.json</a>, the node's identity at <a href="/.well-known/klp.json">/.well-known/klp.json</a>; frames go over <code>/ws</code>.</p>
</section>
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

export function registerPage(server: FastifyInstance, console: ConsoleOptions | undefined): void {
  const config: RouteConfig = { opensPage: true, always: true };
  const plain = (reply: FastifyReply) => page(reply, PAGE, PAGE_POLICY);
  server.route({ method: "GET", url: "/plain", config, handler: async (_request, reply) => plain(reply) });
  server.route({
    method: "GET",
    url: "/",
    config,
    async handler(request, reply) {
      const built = console && (await consolePage(console));
      if (!console || built === undefined) return plain(reply);
      // The host was checked: it is one of ours.
      return page(reply, built, consolePolicy(console, request.headers.host ?? ""));
    },
  });
  if (console) registerConsoleFiles(server, console);
}

function page(reply: FastifyReply, html: string, policy: string): FastifyReply {
  return reply.type("text/html; charset=utf-8").header("content-security-policy", policy).send(html);
}

function table(id: string, columns: readonly string[]): string {
  const heads = columns.map((column) => `<th scope="col" role="columnheader">${column}</th>`).join("");
  return `<div class="card">
<table id="${id}" role="table" aria-labelledby="${id}-title">
<thead role="rowgroup"><tr role="row">${heads}</tr></thead>
<tbody role="rowgroup"></tbody>
</table>
</div>`;
}

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

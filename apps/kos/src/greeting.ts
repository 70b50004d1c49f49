// What a person sees when the node is ready: where it is, where its data is, what to try next.

export function greeting(node: { readonly url: string; readonly data: string; readonly did: string }): string {
  return [
    "",
    `kOS is ready at ${node.url}`,
    `  data   ${node.data}`,
    `  node   ${node.did}`,
    "",
    "Try next, in another terminal:",
    "  npx kai run repo-report --path .     a report on a code base",
    "  npx kai ps                           what runs and what ran",
    "  npx kai login-link                   sign a browser in",
    "",
    "Ctrl-C ends the node; plans that are open go on at the next start.",
    "",
  ].join("\n");
}

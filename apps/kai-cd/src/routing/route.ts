// Addresses of the console, after the `#` of the page: what is shown, and nothing else. No part of them says where to send anything.

export const RUN_PARTS = ["plan", "log", "results", "evidence"] as const;
export type RunPart = (typeof RUN_PARTS)[number];

export type Route =
  | { readonly page: "start" }
  | { readonly page: "new"; readonly playbook: string }
  | { readonly page: "runs"; readonly status: string }
  | { readonly page: "run"; readonly planId: string; readonly part: RunPart; readonly task?: string }
  | { readonly page: "schedules" }
  | { readonly page: "agents" }
  | { readonly page: "verify" }
  | { readonly page: "unknown"; readonly address: string };

export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?", 2);
  const params = new URLSearchParams(query);
  const steps = path
    .split("/")
    .filter((step) => step !== "")
    .map(decoded);
  const [first, second, third] = steps;
  const unknown: Route = { page: "unknown", address: hash.slice(0, 200) };
  switch (first) {
    case undefined:
      return { page: "start" };
    case "new":
      return second !== undefined && steps.length === 2 ? { page: "new", playbook: second } : unknown;
    case "runs": {
      if (second === undefined) return { page: "runs", status: params.get("status") ?? "" };
      const part = RUN_PARTS.find((known) => known === (third ?? "plan"));
      if (part === undefined || steps.length > 3) return unknown;
      const task = params.get("task");
      return { page: "run", planId: second, part, ...(task !== null && { task }) };
    }
    case "schedules":
    case "agents":
    case "verify":
      return steps.length === 1 ? { page: first } : unknown;
    default:
      return unknown;
  }
}

export function formatRoute(route: Route): string {
  switch (route.page) {
    case "start":
      return "#/";
    case "new":
      return `#/new/${encodeURIComponent(route.playbook)}`;
    case "runs":
      return route.status === "" ? "#/runs" : `#/runs?${new URLSearchParams({ status: route.status })}`;
    case "run": {
      const part = route.part === "plan" ? "" : `/${route.part}`;
      const query = route.task === undefined ? "" : `?${new URLSearchParams({ task: route.task })}`;
      return `#/runs/${encodeURIComponent(route.planId)}${part}${query}`;
    }
    case "schedules":
    case "agents":
    case "verify":
      return `#/${route.page}`;
    case "unknown":
      return route.address;
  }
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step; // Not written by us; it will name nothing.
  }
}

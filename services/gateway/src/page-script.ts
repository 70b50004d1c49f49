// The script of the plain page: exchanges the ticket of a login link and shows plans and agents. At `/` it has the console built and, once it is,
// hands it the session and loads the page again. The token stays in this script's own block, which no other script sees; everything that comes
// from the node is put in as text. Kept as text here, so that it goes into every bundle and its hash into the policy.

export const PAGE_SCRIPT = `
"use strict";
{
const REFRESH_MS = 5000;
const LOOK_MS = 500;
/** Where the console looks for the session of this tab. */
const SESSION_KEY = "kos.session";
const KINDS = {
  succeeded: "good", ready: "good", running: "busy", busy: "busy", failed: "bad", degraded: "bad", quarantined: "bad", offline: "bad",
  paused: "wait", waiting_approval: "wait", waiting_input: "wait", in_doubt: "wait",
};
const PLANS = [
  { label: "Goal", of: (plan) => plan.goal, looks: "long first" },
  { label: "Status", of: (plan) => plan.status, isState: true },
  { label: "Tasks", of: (plan) => plan.tasks_done + " of " + plan.tasks_total },
  { label: "Created", of: (plan) => when(plan.created_at) },
  { label: "Id", of: (plan) => plan.plan_id, looks: "id" },
];
const AGENTS = [
  { label: "Agent", of: (agent) => agent.agent_id, looks: "first" },
  { label: "State", of: (agent) => agent.state, isState: true },
  { label: "In flight", of: (agent) => String(agent.in_flight) },
  { label: "Capabilities", of: (agent) => agent.capabilities.join(", "), looks: "long" },
];
const byId = (id) => document.getElementById(id);
const shown = new Map();
let token;

// Read out by screen readers whenever it changes, so it is left alone while there is nothing new.
function say(text, failed) {
  if (byId("status").textContent !== text) byId("status").textContent = text;
  byId("status").className = failed === true ? "failed" : "";
}

async function api(method, path, body) {
  const headers = {};
  if (token !== undefined) headers.authorization = "Bearer " + token;
  if (body !== undefined) headers["content-type"] = "application/json";
  let response;
  try {
    response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Error("The node does not answer. Is it still running?");
  }
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.message ?? "The node answered " + response.status + "."), { status: response.status });
  return answer;
}

// The roles are written out, since the narrow layout takes away those that come with table elements.
function cell(column, text) {
  const td = document.createElement("td");
  td.setAttribute("role", "cell");
  td.className = column.looks ?? "";
  td.dataset.label = column.label;
  const part = document.createElement("span");
  part.textContent = column.isState === true ? text.replaceAll("_", " ") : text;
  if (column.isState === true) part.className = "state " + (KINDS[text] ?? "");
  td.append(part);
  return td;
}

function line(cells) {
  const tr = document.createElement("tr");
  tr.setAttribute("role", "row");
  tr.append(...cells);
  return tr;
}

function fill(id, columns, items, none) {
  const rows = items.map((item) => columns.map((column) => column.of(item)));
  const now = JSON.stringify(rows);
  if (shown.get(id) === now) return;
  shown.set(id, now);
  const lines = rows.map((row) => line(row.map((text, place) => cell(columns[place], text))));
  if (lines.length === 0) {
    const only = cell({ label: "", looks: "none" }, none);
    only.colSpan = columns.length;
    lines.push(line([only]));
  }
  byId(id).tBodies[0].replaceChildren(...lines);
}

function when(text) {
  return new Date(text).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

function isSignedIn(yes) {
  byId("signed-in").hidden = !yes;
  byId("bar").hidden = !yes;
  byId("signed-out").hidden = yes;
}

async function show() {
  try {
    const [plans, status] = await Promise.all([api("GET", "/agent/plan?limit=50"), api("GET", "/agent/status")]);
    const open = status.node.plans_open;
    fill("plans", PLANS, plans.items, "No plan yet. Try: npx kai run repo-report --path DIR");
    fill("agents", AGENTS, status.agents, "No agent.");
    isSignedIn(true);
    say("Signed in. Version " + status.node.version + ", " + (open === 1 ? "1 plan is" : open + " plans are") + " open.");
    byId("as-of").textContent = "As of " + new Date().toLocaleTimeString();
  } catch (error) {
    say(error.message, true);
    if (error.status === 401) {
      token = undefined;
      isSignedIn(false);
    }
  }
}

async function signIn() {
  const ticket = new URLSearchParams(location.hash.slice(1)).get("ticket");
  if (ticket === null) return;
  history.replaceState(null, "", location.pathname);
  try {
    token = (await api("POST", "/auth/session", { ticket })).token;
    await Promise.all([show(), location.pathname === "/" ? build() : undefined]);
  } catch (error) {
    say(error.message, true);
  }
}

/** Asks for the console and follows its making. Where it cannot be made, this page stays what it is. */
async function build() {
  try {
    let status = await api("POST", "/console/build", {});
    while (status.state === "building") {
      building(status);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      status = await api("GET", "/console/status");
    }
    if (status.state === "ready") return open();
    building(status);
  } catch (error) {
    building({ state: "failed", message: error.message });
  }
}

function building({ state, step, done, total, message }) {
  const failed = state === "failed";
  const bar = byId("building-bar");
  byId("building").hidden = state === "absent";
  byId("building-failed").hidden = byId("building-again").hidden = !failed;
  bar.hidden = failed;
  const text = failed ? "It could not be made." : step === "build" ? "Building." : total > 0 ? "Installing " + done + " of " + total + " packages." : "Beginning.";
  if (byId("building-step").textContent !== text) byId("building-step").textContent = text;
  byId("building-failed").textContent = failed ? (message ?? "") : "";
  if (step === "install" && total > 0) {
    bar.max = total;
    bar.value = done;
  } else bar.removeAttribute("value");
}

/** The session goes to the console through this tab's own storage, which other origins and other tabs do not see. */
function open() {
  sessionStorage.setItem(SESSION_KEY, token);
  location.reload();
}

byId("build-again").addEventListener("click", () => void build());
byId("refresh").addEventListener("click", () => void show());
addEventListener("hashchange", () => void signIn());
setInterval(() => {
  if (token !== undefined && !document.hidden) void show();
}, REFRESH_MS);
void signIn();
}
`;

// The script of the page at `/`: exchanges the ticket of a login link and shows plans and agents. The token stays in this script's memory;
// everything that comes from the node is put in as text. Kept as text here, so that it goes into every bundle and its hash into the policy.

export const PAGE_SCRIPT = `
"use strict";
const REFRESH_MS = 5000;
const byId = (id) => document.getElementById(id);
let token;

function say(text) {
  byId("status").textContent = text;
}

async function api(method, path, body) {
  const headers = {};
  if (token !== undefined) headers.authorization = "Bearer " + token;
  if (body !== undefined) headers["content-type"] = "application/json";
  const response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.message ?? "The node answered " + response.status + "."), { status: response.status });
  return answer;
}

function fill(id, rows, none) {
  const cell = (text) => {
    const td = document.createElement("td");
    td.textContent = text;
    return td;
  };
  const lines = rows.map((row) => {
    const tr = document.createElement("tr");
    tr.append(...row.map(cell));
    return tr;
  });
  if (lines.length === 0) {
    const td = cell(none);
    td.colSpan = byId(id).querySelectorAll("th").length;
    const tr = document.createElement("tr");
    tr.append(td);
    lines.push(tr);
  }
  byId(id).tBodies[0].replaceChildren(...lines);
}

function when(text) {
  return text === undefined ? "" : new Date(text).toLocaleString();
}

async function show() {
  try {
    const [plans, status] = await Promise.all([api("GET", "/agent/plan?limit=50"), api("GET", "/agent/status")]);
    fill("plans", plans.items.map((plan) => [plan.goal, plan.status, plan.tasks_done + " of " + plan.tasks_total, when(plan.created_at), plan.plan_id]), "No plan yet. Try: kai run repo-report --path DIR");
    fill("agents", status.agents.map((agent) => [agent.agent_id, agent.state, String(agent.in_flight), agent.capabilities.join(", ")]), "No agent.");
    byId("signed-in").hidden = false;
    byId("signed-out").hidden = true;
    say("Signed in. Version " + status.node.version + ", " + status.node.plans_open + " open plans, as of " + new Date().toLocaleTimeString() + ".");
  } catch (error) {
    say(error.message);
    if (error.status === 401) {
      token = undefined;
      byId("signed-in").hidden = true;
      byId("signed-out").hidden = false;
    }
  }
}

async function signIn() {
  const ticket = new URLSearchParams(location.hash.slice(1)).get("ticket");
  if (ticket === null) return;
  history.replaceState(null, "", location.pathname);
  try {
    token = (await api("POST", "/auth/session", { ticket })).token;
    await show();
  } catch (error) {
    say(error.message);
  }
}

byId("refresh").addEventListener("click", show);
addEventListener("hashchange", signIn);
setInterval(() => {
  if (token !== undefined && !document.hidden) void show();
}, REFRESH_MS);
void signIn();
`;

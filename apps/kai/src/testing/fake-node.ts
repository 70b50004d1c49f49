// A node without an engine: the real gateway over handlers that tell a scripted run. For tests of kai against real HTTP and WebSockets.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Artifact, type LogRecord, type PlanView, ROUTES, type RouteName, type ServerFrame, type TaskRequest } from "@kos/api";
import { PLAN_ID } from "@kos/api/scripted-run.fixture";
import { createTokenVerifier, type FrameSubscription, type Handlers, startGateway } from "@kos/gateway";
import { KosError } from "@kos/klp";

export interface FakeNode extends AsyncDisposable {
  readonly url: string;
  /** What was submitted, with the folders of the grant that came with it. */
  readonly submissions: readonly { readonly request: TaskRequest; readonly grant: string | undefined }[];
  readonly decisions: readonly { readonly approvalId: string; readonly digest: string; readonly decision: string }[];
  readonly cancels: readonly string[];
  /** Replaces what GET of the plan says. */
  show(view: PlanView): void;
  /** Sends to whoever follows the plan, and to those who come later and ask for what was before. */
  emit(frame: ServerFrame): void;
  /** How many follow the plan now. */
  followers(): number;
}

export interface FakeNodeOptions {
  readonly dataFolder: string;
  readonly view: PlanView;
  readonly artifacts?: readonly (Artifact & { readonly content: string })[];
  readonly evidence?: Uint8Array;
  /** Called when a plan was submitted, to let the run go on. */
  readonly onSubmit?: (node: FakeNode) => void | Promise<void>;
  readonly onCancel?: (node: FakeNode) => void;
  readonly onDecide?: (node: FakeNode) => void;
  readonly onFollow?: (node: FakeNode) => void;
  /** Further routes, or others in place of those told here. */
  readonly handlers?: Partial<Handlers>;
  /** Refuses submissions with this. */
  readonly refusal?: KosError;
  /** What `GET /sentinel/log` answers, each time it is asked. */
  readonly logs?: (query: { readonly since?: string }) => readonly LogRecord[];
}

const TOKEN = "kos_owner_test";
export const PLAYBOOK_PARAMS = {
  type: "object",
  required: ["path"],
  properties: {
    path: { type: "string", "x-kos-type": "fs.path", description: "The folder to look at." },
    top: { type: "integer", default: 10, description: "How many of the largest files to name." },
    deep: { type: "boolean", default: false, description: "Look inside archives." },
  },
};

/** Writes node.json and owner.token into the data folder, as a node does. */
export async function startFakeNode(options: FakeNodeOptions): Promise<FakeNode> {
  let view = options.view;
  const frames: ServerFrame[] = [];
  const followers = new Set<FrameSubscription>();
  const submissions: { request: TaskRequest; grant: string | undefined }[] = [];
  const decisions: { approvalId: string; digest: string; decision: string }[] = [];
  const cancels: string[] = [];
  const artifacts = options.artifacts ?? [];
  const accepted = () => ({ task_id: PLAN_ID, plan_id: PLAN_ID, status: view.plan.status });
  const page = <Item>(items: readonly Item[]) => ({ items: [...items], next_cursor: null });

  const playbook = {
    name: "repo-report",
    version: "1.0.0",
    title: "Report on a code base",
    description: "Files, languages, licences.",
    hash: view.plan.hash,
    origin: "shipped",
    params: PLAYBOOK_PARAMS,
    tasks: 2,
    shows: ["report.html"],
    problems: [],
  };
  const told: Partial<Handlers> = {
    ready: async () => ({ status: "ready" }),
    health: async () => ({ status: "ok" }),
    async submit({ body, grant }) {
      if (options.refusal) throw options.refusal;
      submissions.push({ request: body, grant });
      await options.onSubmit?.(node);
      return accepted();
    },
    plan: async ({ params }) => {
      if (params["plan_id"] !== PLAN_ID) throw new KosError("NOT_FOUND", "There is no such plan.");
      return view;
    },
    plans: async () => {
      const { plan_id, goal, status, strategy, created_by, created_at } = view.plan;
      const done = view.tasks.filter((task) => task.status === "succeeded").length;
      return page([
        {
          plan_id,
          goal,
          status,
          strategy,
          created_by,
          created_at,
          updated_at: created_at,
          tasks_total: view.tasks.length,
          tasks_done: done,
        },
      ]);
    },
    logs: async ({ query }) => page([...(options.logs?.(query) ?? [])]),
    playbooks: async () => page([playbook]),
    async playbook({ params }) {
      if (params["name"] !== playbook.name) throw new KosError("NOT_FOUND", "There is no such playbook.");
      return playbook;
    },
    searchArtifacts: async () => page(artifacts.map(({ content: _content, ...artifact }) => artifact)),
    async artifactContent({ params }) {
      const found = artifacts.find(({ artifact_id }) => artifact_id === params["artifact_id"]);
      if (!found) throw new KosError("NOT_FOUND", "There is no such artifact.");
      return { status: 200, headers: {}, body: found.content };
    },
    async cancelPlan({ params }) {
      cancels.push(params["plan_id"] ?? "");
      options.onCancel?.(node);
      return accepted();
    },
    approvals: async () => page(view.approvals),
    async decide({ params, body }) {
      const approval = view.approvals.find(({ approval_id }) => approval_id === params["approval_id"]);
      if (!approval) throw new KosError("NOT_FOUND", "There is no such approval.");
      if (approval.digest !== body.digest) throw new KosError("CONFLICT", "This digest is not the one that was asked for.");
      decisions.push({ approvalId: approval.approval_id, digest: body.digest, decision: body.decision });
      options.onDecide?.(node);
      return { ...approval, status: body.decision === "approve" ? "approved" : "denied" };
    },
    evidence: async () => ({ status: 200, headers: {}, body: options.evidence ?? "{}" }),
    ...options.handlers,
  };
  const untold = (name: RouteName) => async () => {
    throw new KosError("NOT_FOUND", `The fake node does not tell ${name}.`);
  };
  const handlers = Object.fromEntries(
    (Object.keys(ROUTES) as RouteName[]).map((name) => [name, told[name] ?? untold(name)]),
  ) as unknown as Handlers;

  const gateway = await startGateway({
    handlers,
    frames: {
      subscribe(subscription) {
        followers.add(subscription);
        const since = Number(subscription.since ?? Number.POSITIVE_INFINITY);
        for (const frame of frames) if ((frame.seq ?? 0) > since) subscription.deliver(frame);
        options.onFollow?.(node);
        return () => void followers.delete(subscription);
      },
    },
    tokens: createTokenVerifier({ ownerToken: TOKEN, tenant: "local", now: Date.now }),
    host: "localhost",
    port: 0,
    allowedHosts: [],
    allowedOrigins: [],
    limits: { bodyBytes: 1_000_000, planBytes: 8_000_000, uploadBytes: 8_000_000 },
    now: Date.now,
    newTraceId: () => "0".repeat(31) + "1",
  });
  await mkdir(options.dataFolder, { recursive: true, mode: 0o700 });
  await writeFile(join(options.dataFolder, "owner.token"), `${TOKEN}\n`, { mode: 0o600 });
  const file = {
    pid: process.pid,
    url: gateway.url,
    did: "did:key:zTest",
    version: "0.1.0",
    started_at: new Date(0).toISOString(),
    mode: "job",
  };
  await writeFile(join(options.dataFolder, "node.json"), JSON.stringify(file), { mode: 0o600 });

  const node: FakeNode = {
    url: gateway.url,
    submissions,
    decisions,
    cancels,
    show(next) {
      view = next;
    },
    emit(frame) {
      if (frame.seq !== undefined) frames.push(frame);
      for (const follower of followers) follower.deliver(frame);
    },
    followers: () => followers.size,
    [Symbol.asyncDispose]: () => gateway.close(),
  };
  return node;
}

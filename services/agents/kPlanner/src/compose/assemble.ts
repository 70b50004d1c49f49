// From chosen edges to tasks: who gives what to whom, as references in params.

import type { Task } from "@kos/plan";
import { isReservedName } from "@kos/plan";
import { ADDRESS_WORDS, type Call, type CallGraph } from "./call-graph.ts";
import type { Given } from "./given.ts";
import type { InputMember, OutputPlace } from "./schema-words.ts";

/** Where a param's value comes from. */
interface Filling {
  readonly member: string;
  readonly word: string | undefined;
  /** Another task's id; undefined for what was given, or is a default. */
  readonly task: string | undefined;
  readonly given: Given | undefined;
  /** Filled because it was there anyway. */
  readonly isFree: boolean;
}

export interface ComposedTask {
  readonly task: Task;
  readonly edge: number;
  readonly call: Call;
  readonly fillings: readonly Filling[];
}

export interface Assembly {
  readonly tasks: readonly ComposedTask[];
  /** The plan's output: a reference. */
  readonly output: string;
  /** Task that gives what is wanted. */
  readonly last: string;
}

/** `edges`: each after those whose results it needs. What turns out not to be needed is left out. */
export function assemble(graph: CallGraph, edges: readonly number[], idPrefix = ""): Assembly {
  const maker = makers(graph, edges);
  const needed = neededEdges(graph, maker);
  const ids = taskIds(
    graph,
    edges.filter((edge) => needed.has(edge)),
    idPrefix,
  );
  const done: ComposedTask[] = [];
  for (const [edge, id] of ids) {
    const call = graph.calls[edge];
    if (call !== undefined) done.push(composeTask(graph, { edge, id, call, maker, ids, earlier: done }));
  }
  const edge = maker.get(graph.target) ?? -1;
  const last = ids.get(edge) ?? "";
  const call = graph.calls[edge];
  const name = graph.nameOf(graph.target);
  const place = name.kind === "word" ? call?.words.places.find(({ word }) => word === name.word) : undefined;
  return { tasks: done, output: referenceTo(last, place?.path ?? []), last };
}

/** Vertex to the first edge that gives it. */
function makers(graph: CallGraph, edges: readonly number[]): ReadonlyMap<number, number> {
  const there = new Set(graph.start);
  const maker = new Map<number, number>();
  for (const edge of edges) {
    for (const vertex of graph.edges[edge]?.gives ?? []) {
      if (!there.has(vertex) && !maker.has(vertex)) maker.set(vertex, edge);
    }
  }
  return maker;
}

function neededEdges(graph: CallGraph, maker: ReadonlyMap<number, number>): ReadonlySet<number> {
  const needed = new Set<number>();
  const vertices = [graph.target];
  for (const vertex of vertices) {
    const edge = maker.get(vertex);
    if (edge === undefined || needed.has(edge)) continue;
    needed.add(edge);
    vertices.push(...(graph.edges[edge]?.needs ?? []));
  }
  return needed;
}

/** `fetch` for web.fetch, `web_fetch` where that is taken, then numbers. */
function taskIds(graph: CallGraph, edges: readonly number[], prefix: string): ReadonlyMap<number, string> {
  const taken = new Set<string>();
  const subjects = new Set(graph.calls.map(({ capability }) => capability.name.split(".", 1)[0]));
  const ids = new Map<number, string>();
  for (const edge of edges) {
    const name = graph.calls[edge]?.capability.name ?? "task";
    const short = name.slice(name.lastIndexOf(".") + 1);
    const long = `${prefix}${name.replaceAll(".", "_")}`.slice(0, 50);
    const free = (id: string) => !taken.has(id) && !isReservedName(id) && id.length <= 60;
    // diff.text is not called after its subject.
    let id = !subjects.has(short) && free(`${prefix}${short}`) ? `${prefix}${short}` : long;
    for (let count = 2; !free(id); count += 1) id = `${long}_${count}`;
    taken.add(id);
    ids.set(edge, id);
  }
  return ids;
}

interface TaskContext {
  readonly edge: number;
  readonly id: string;
  readonly call: Call;
  readonly maker: ReadonlyMap<number, number>;
  readonly ids: ReadonlyMap<number, string>;
  readonly earlier: readonly ComposedTask[];
}

function composeTask(graph: CallGraph, context: TaskContext): ComposedTask {
  const { call, id } = context;
  const params = new Map<string, unknown>();
  const fillings: Filling[] = [];
  const fill = (member: string, value: unknown, filling: Omit<Filling, "member">) => {
    params.set(member, value);
    fillings.push({ member, ...filling });
  };
  for (const [member, { template, given }] of call.fixed) {
    fill(member, template, { word: given?.word, task: undefined, given, isFree: false });
  }
  for (const { member, word, vertex } of call.needs) {
    const source = sourceOf(graph, context, vertex, word, member);
    if (member !== undefined) fill(member.name, source.template, { word, task: source.task, given: source.given, isFree: false });
    else
      for (const [name, value] of wholeParams(call, source)) if (!params.has(name)) fill(name, value, { ...source, word, isFree: false });
  }
  const used = new Set(call.needs.map(({ word }) => word));
  for (const member of call.optional) {
    const free = used.has(member.word ?? "") ? undefined : freeSource(graph, member, context.earlier);
    if (free === undefined) continue;
    used.add(free.word);
    fill(member.name, free.template, { word: free.word, task: free.task, given: free.given, isFree: true });
  }
  const ordered = call.words.members.filter(({ name }) => params.has(name)).map(({ name }): [string, unknown] => [name, params.get(name)]);
  const title = call.capability.title ?? call.capability.name;
  const task: Task = { task_id: id, title, capability: call.capability.name, params: Object.fromEntries(ordered), depends_on: [] };
  return { task, edge: context.edge, call, fillings };
}

interface Source {
  readonly template: unknown;
  readonly task: string | undefined;
  readonly given: Given | undefined;
  readonly place: OutputPlace | undefined;
}

function sourceOf(
  graph: CallGraph,
  { maker, ids }: Pick<TaskContext, "maker" | "ids">,
  vertex: number,
  word: string,
  member: InputMember | undefined,
): Source {
  const edge = maker.get(vertex);
  if (edge === undefined) {
    const given = graph.givenFor(word, member);
    return { template: given?.template ?? null, task: undefined, given, place: undefined };
  }
  const task = ids.get(edge) ?? "";
  const place = graph.calls[edge]?.words.places.find((candidate) => candidate.word === word);
  return { template: referenceTo(task, place?.path ?? []), task, given: undefined, place };
}

/** A whole input filled from a whole value: every member that the value is sure to have. */
function wholeParams(call: Call, { template, task, place }: Source): readonly (readonly [string, unknown])[] {
  if (task === undefined) return isRecord(template) ? Object.entries(template) : [];
  const there = Array.isArray(place?.schema["required"]) ? (place.schema["required"] as readonly unknown[]) : [];
  return call.words.members
    .filter(({ name }) => there.includes(name))
    .map(({ name }) => [name, referenceTo(task, [...(place?.path ?? []), name])] as const);
}

/** What is given, or the first earlier task that gives it, of exactly the same JSON type. */
function freeSource(
  graph: CallGraph,
  member: InputMember,
  earlier: readonly ComposedTask[],
): { readonly word: string; readonly template: unknown; readonly task: string | undefined; readonly given: Given | undefined } | undefined {
  const { word } = member;
  if (word === undefined) return undefined;
  const given = graph.givenFor(word, member);
  if (given !== undefined) return { word, template: given.template, task: undefined, given };
  if (ADDRESS_WORDS.has(word)) return undefined;
  for (const { task, call } of earlier) {
    const place = call.words.places.find((candidate) => candidate.word === word);
    if (place === undefined || place.schema["type"] !== member.schema["type"]) continue;
    return { word, template: referenceTo(task.task_id, place.path), task: task.task_id, given: undefined };
  }
  return undefined;
}

function referenceTo(task: string, path: readonly string[]): string {
  const steps = path.map((step) => (/^[A-Za-z_][A-Za-z0-9_-]{0,127}$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`));
  return `\${${task}${steps.join("")}}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// What a node of the graph says: its title, its state, and one line of what there is to know of it now.

import type { TaskRow } from "@kos/api";
import { formatCount, formatDuration } from "../format/quantity.ts";
import type { GraphNode } from "./run-graph.ts";

export interface NodeSummary {
  readonly title: string;
  readonly status: TaskRow["status"];
  readonly line: string;
  /** 0 to 1, where it is known. */
  readonly fraction?: number;
}

/** States of many as one: what needs a look first, what moves, what is left. */
const WEIGHT: readonly TaskRow["status"][] = [
  "waiting_approval",
  "waiting_input",
  "in_doubt",
  "failed",
  "running",
  "reviewing",
  "ready",
  "pending",
  "cancelled",
  "skipped",
  "succeeded",
];
const DONE: ReadonlySet<TaskRow["status"]> = new Set(["succeeded", "skipped", "cancelled", "failed"]);

export function nodeSummary(node: GraphNode, tasks: ReadonlyMap<string, TaskRow>, nowMs: number): NodeSummary {
  const rows = node.taskIds.flatMap((taskId) => tasks.get(taskId) ?? []);
  const [first] = rows;
  if (first === undefined) return { title: node.id, status: "pending", line: "" };
  return rows.length === 1 ? ofOne(first, nowMs) : ofMany(first, rows);
}

function ofOne(row: TaskRow, nowMs: number): NodeSummary {
  const { title, status, items, progress } = row;
  const fraction = fractionOf(row);
  return { title, status, line: lineOf(row, nowMs), ...(fraction !== undefined && (items || progress) && { fraction }) };
}

function ofMany(first: TaskRow, rows: readonly TaskRow[]): NodeSummary {
  const status = WEIGHT.find((one) => rows.some((row) => row.status === one)) ?? "pending";
  const done = rows.filter((row) => DONE.has(row.status)).length;
  const failed = rows.filter((row) => row.status === "failed").length;
  return {
    title: `${formatCount(rows.length)} tasks: ${first.capability}`,
    status,
    line: counted(done, rows.length, failed),
    fraction: done / rows.length,
  };
}

function fractionOf({ status, items, progress }: TaskRow): number | undefined {
  if (items !== undefined) return items.total === 0 ? 1 : items.done / items.total;
  return status === "running" ? progress?.fraction : undefined;
}

function lineOf(row: TaskRow, nowMs: number): string {
  const parts = [whatOf(row, nowMs), timeOf(row, nowMs), row.retries > 0 && `${row.retries} ${row.retries === 1 ? "retry" : "retries"}`];
  return parts.filter((part): part is string => typeof part === "string" && part !== "").join(" · ");
}

function whatOf({ status, items, progress, retryAtMs, isReused }: TaskRow, nowMs: number): string {
  if (items !== undefined) return counted(items.done, items.total, items.failed);
  if (isReused === true) return "reused";
  if (retryAtMs !== undefined && status === "pending") return `again in ${formatDuration(Math.max(0, retryAtMs - nowMs))}`;
  if (status !== "running") return "";
  if (progress?.done !== undefined && progress.total !== undefined)
    return `${formatCount(progress.done)} of ${formatCount(progress.total)}`;
  return progress?.message ?? (progress?.fraction === undefined ? "" : `${Math.round(progress.fraction * 100)} %`);
}

function timeOf({ startedAtMs, endedAtMs, status }: TaskRow, nowMs: number): string {
  if (startedAtMs === undefined || status === "pending" || status === "ready" || status === "skipped") return "";
  return formatDuration((endedAtMs ?? nowMs) - startedAtMs);
}

function counted(done: number, total: number, failed: number): string {
  return `${formatCount(done)} of ${formatCount(total)}${failed > 0 ? `, ${formatCount(failed)} failed` : ""}`;
}

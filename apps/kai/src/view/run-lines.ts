// The live view of a run: state in, lines out. Pure; the screen draws what comes out of here.

import { isEnded, isTaskEnded, type Progress, type RunState, type TaskRow } from "@kos/api";
import { safeText } from "@kos/klp";
import { formatDuration, formatNumber } from "../format/quantity.ts";
import { type Style, signOf, statusText, statusWords } from "../format/style.ts";
import { cutTo, padEnd, textWidth } from "../format/text-width.ts";

export interface Canvas {
  readonly width: number;
  /** Rows that the lines may take. */
  readonly height: number;
  readonly nowMs: number;
  readonly style: Style;
}

const SPINNER = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"] as const;
export const SPINNER_MS = 80;
const BAR_COLUMNS = 16;
const MAX_ID_COLUMNS = 18;
const MAX_TITLE_COLUMNS = 48;
/** Kept free behind the title for bar, count and time. */
const DETAIL_COLUMNS = 36;
const LEAST_TITLE_COLUMNS = 16;
const LEAST_ROWS = 3;

/** A row a task where they fit; else those that something happens to, and a count of the others. The last line sums up. */
export function runLines(state: RunState, canvas: Canvas): readonly string[] {
  const tasks = [...state.tasks.values()];
  const room = Math.max(LEAST_ROWS, canvas.height - 2);
  const shown = tasks.length <= room ? tasks : mostTelling(tasks, room - 1);
  const idColumns = Math.min(MAX_ID_COLUMNS, Math.max(0, ...shown.map((row) => textWidth(row.taskId))));
  const titleColumns = Math.min(
    MAX_TITLE_COLUMNS,
    Math.max(LEAST_TITLE_COLUMNS, canvas.width - idColumns - DETAIL_COLUMNS),
    Math.max(0, ...shown.map((row) => textWidth(safeText(row.title)))),
  );
  const rows = shown.map((row) => cutTo(taskLine(row, idColumns, titleColumns, canvas), canvas.width));
  const rest = tasks.length - shown.length;
  const more = rest > 0 ? [canvas.style.dim(`  … and ${formatNumber(rest)} more tasks`)] : [];
  return [...rows, ...more, cutTo(summaryLine(state, canvas), canvas.width)];
}

/** What a spinner shows at a time; the same for all rows, so that they turn together. */
export function spinnerAt(nowMs: number): string {
  return SPINNER[Math.floor(nowMs / SPINNER_MS) % SPINNER.length] ?? SPINNER[0];
}

function mostTelling(tasks: readonly TaskRow[], room: number): readonly TaskRow[] {
  const rank = (row: TaskRow) =>
    row.status === "failed" || row.status === "in_doubt"
      ? 0
      : row.status === "pending" || row.status === "ready"
        ? 2
        : isTaskEnded(row.status)
          ? 3
          : 1;
  const kept = new Set(
    tasks
      .map((row, place) => ({ row, place }))
      .toSorted((left, right) => rank(left.row) - rank(right.row) || left.place - right.place)
      .slice(0, room)
      .map(({ row }) => row),
  );
  return tasks.filter((row) => kept.has(row));
}

function taskLine(row: TaskRow, idColumns: number, titleColumns: number, canvas: Canvas): string {
  const { style, nowMs } = canvas;
  const turning = row.status === "running" || row.status === "reviewing";
  const sign = signOf(row.status, style, turning ? spinnerAt(nowMs) : undefined);
  const id = padEnd(cutTo(safeText(row.taskId), idColumns), idColumns);
  const title = padEnd(cutTo(safeText(row.title), titleColumns), titleColumns);
  const idle = row.status === "pending" || row.status === "ready" || row.status === "skipped";
  const name = idle ? style.dim(`${id}  ${title}`) : `${id}  ${style.dim(title)}`;
  return `${sign} ${name}  ${detailsOf(row, canvas).join("  ")}`.trimEnd();
}

function detailsOf(row: TaskRow, { style, nowMs }: Canvas): readonly string[] {
  const waiting = row.retryAtMs !== undefined && !isTaskEnded(row.status) ? [style.warn(retryText(row.retryAtMs, nowMs))] : [];
  const said = ["reviewing", "waiting_approval", "waiting_input", "in_doubt", "failed", "cancelled", "skipped"].includes(row.status);
  const fraction = isTaskEnded(row.status) ? undefined : fractionOf(row);
  const elapsedMs = row.startedAtMs === undefined ? undefined : (row.endedAtMs ?? nowMs) - row.startedAtMs;
  const message = row.status === "running" ? row.progress?.message : row.problem !== undefined && !isFine(row) ? row.problem : undefined;
  return [
    ...(fraction === undefined ? [] : [bar(fraction, BAR_COLUMNS, style)]),
    ...(isTaskEnded(row.status) ? itemsText(row) : countText(row)),
    ...(said ? [statusText(row.status, style)] : []),
    ...waiting,
    ...(elapsedMs === undefined || row.status === "skipped" ? [] : [formatDuration(elapsedMs)]),
    ...(row.retries > 0 ? [style.warn(row.retries === 1 ? "1 retry" : `${row.retries} retries`)] : []),
    ...(row.isReused === true ? [style.dim("reused")] : []),
    ...(message === undefined ? [] : [style.dim(safeText(message))]),
  ];
}

function isFine(row: TaskRow): boolean {
  return row.status === "succeeded" || row.status === "skipped";
}

function retryText(atMs: number, nowMs: number): string {
  return atMs > nowMs ? `again in ${formatDuration(atMs - nowMs)}` : "again soon";
}

function fractionOf({ items, progress }: TaskRow): number | undefined {
  if (items && items.total > 0) return items.done / items.total;
  return progress && fractionOfProgress(progress);
}

function fractionOfProgress({ fraction, done, total }: Progress): number | undefined {
  if (fraction !== undefined) return fraction;
  return done !== undefined && total !== undefined && total > 0 ? Math.min(1, done / total) : undefined;
}

function countText({ items, progress }: TaskRow): readonly string[] {
  if (items) return itemsText({ items });
  if (progress?.done === undefined) return [];
  return [progress.total === undefined ? formatNumber(progress.done) : `${formatNumber(progress.done)}/${formatNumber(progress.total)}`];
}

function itemsText({ items }: Pick<TaskRow, "items">): readonly string[] {
  if (!items) return [];
  const failed = items.failed > 0 ? `, ${formatNumber(items.failed)} failed` : "";
  return [`${formatNumber(items.done)}/${formatNumber(items.total)}${failed}`];
}

export function bar(fraction: number, columns: number, style: Style): string {
  const filled = Math.round(Math.min(1, Math.max(0, fraction)) * columns);
  return style.accent("█".repeat(filled)) + style.dim("░".repeat(columns - filled));
}

function summaryLine(state: RunState, { style, nowMs }: Canvas): string {
  const tasks = [...state.tasks.values()];
  const done = tasks.filter((row) => isTaskEnded(row.status)).length;
  const retries = tasks.reduce((sum, row) => sum + row.retries, 0);
  const parts = [
    bar(tasks.length === 0 ? 0 : done / tasks.length, BAR_COLUMNS, style),
    `${formatNumber(done)}/${formatNumber(tasks.length)} tasks`,
    ...(state.status === "running" || isEnded(state.status) ? [] : [statusText(state.status, style)]),
    formatDuration((state.endedAtMs ?? nowMs) - state.startedAtMs),
    ...(retries > 0 ? [style.warn(retries === 1 ? "1 retry" : `${formatNumber(retries)} retries`)] : []),
  ];
  return parts.join("  ");
}

/** For logs: what changed from one state to the next, a line each, without times. */
export function changeLines(before: RunState, after: RunState): readonly string[] {
  const lines = [...after.tasks.values()].flatMap((row) => {
    const old = before.tasks.get(row.taskId);
    if (old === row) return [];
    return [...statusChange(old, row), ...itemsChange(old, row)];
  });
  const plan = before.status === after.status || isEnded(after.status) ? [] : [`plan ${statusWords(after.status)}`];
  return [...lines, ...plan];
}

function statusChange(old: TaskRow | undefined, row: TaskRow): readonly string[] {
  const id = safeText(row.taskId);
  const why = row.problem === undefined ? "" : `: ${safeText(row.problem)}`;
  if (old !== undefined && row.retries > old.retries) return [`${id} again (retry ${row.retries})${why}`];
  if (old?.status === row.status || row.status === "pending" || row.status === "ready") return [];
  const took =
    isTaskEnded(row.status) && row.startedAtMs !== undefined && row.endedAtMs !== undefined && row.status !== "skipped"
      ? ` in ${formatDuration(row.endedAtMs - row.startedAtMs)}`
      : "";
  const title = row.status === "running" ? `: ${safeText(row.title)}` : "";
  return [`${id} ${statusWords(row.status)}${took}${title}${row.status === "failed" ? why : ""}`];
}

/** Every tenth of the items, so that ten thousand of them make ten lines. */
function itemsChange(old: TaskRow | undefined, row: TaskRow): readonly string[] {
  if (!row.items || row.items.total === 0 || isTaskEnded(row.status)) return [];
  const tenth = (items: TaskRow["items"]) => (items && items.total > 0 ? Math.floor((items.done * 10) / items.total) : 0);
  return tenth(row.items) > tenth(old?.items) ? [`${safeText(row.taskId)} ${itemsText(row).join("")} items`] : [];
}

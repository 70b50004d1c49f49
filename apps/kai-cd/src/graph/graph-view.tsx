// A run as a picture: tasks in layers, lines for what waits for what. One stop for the Tab key; arrows lead from task to task.

import type { RunState } from "@kos/api";
import { type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Empty } from "../ui/empty.tsx";
import { Icon } from "../ui/icon.tsx";
import { statusLook } from "../ui/status-look.ts";
import { StatusMark } from "../ui/status-mark.tsx";
import { type Direction, layoutGraph, NODE_HEIGHT, NODE_WIDTH, type Point } from "./layout.ts";
import { neighbourOf } from "./neighbour.ts";
import { type NodeSummary, nodeSummary } from "./node-summary.ts";
import { type GraphEdge, type GraphNode, MOST_NODES, runGraph } from "./run-graph.ts";

export interface GraphViewProps {
  readonly run: RunState;
  readonly nowMs: number;
  readonly selected: string | undefined;
  readonly onSelect: (taskId: string) => void;
}

const LEAST_SCALE = 0.4;
/** Smaller than this nobody reads it: then the picture is moved, not shrunk. */
const LEAST_FIT = 0.8;
const NARROW_PX = 640;

export function GraphView({ run, nowMs, selected, onSelect }: GraphViewProps) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const direction: Direction = width > 0 && width < NARROW_PX ? "TB" : "LR";
  const graph = useGraph(run);
  const layout = useMemo(() => (graph.nodes.length > MOST_NODES ? undefined : layoutGraph(graph, direction)), [graph, direction]);
  const [zoom, setZoom] = useState<number>();
  const fit = layout === undefined || width === 0 ? 1 : Math.min(1, Math.max(LEAST_FIT, (width - 2) / layout.width));
  const scale = zoom ?? fit;
  const selectedNode = graph.nodes.find((node) => selected !== undefined && node.taskIds.includes(selected))?.id;
  const stop = selectedNode ?? graph.nodes[0]?.id;

  if (layout === undefined) {
    return (
      <Empty title={`${run.tasks.size.toLocaleString()} tasks are too many for a picture`}>
        <p>The list beside it shows them all, what needs a look first.</p>
      </Empty>
    );
  }

  function onKeyDown(event: KeyboardEvent, id: string): void {
    const next = neighbourOf(id, event.key, layout?.places ?? new Map());
    if (next === undefined) return;
    event.preventDefault();
    const target = [...(frame.current?.querySelectorAll<HTMLElement>("[data-node]") ?? [])].find(
      (element) => element.dataset["node"] === next,
    );
    target?.focus();
    target?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  return (
    <div className="relative">
      <div
        ref={frame}
        role="group"
        aria-label="The plan as a graph. Arrow keys lead from task to task."
        className="max-h-[32rem] min-h-40 overflow-auto rounded-lg border border-line bg-sunk bg-[radial-gradient(var(--color-line)_1px,transparent_1px)] bg-[length:20px_20px]"
      >
        <div style={{ width: layout.width * scale, height: layout.height * scale, marginInline: "auto" }}>
          <div
            style={{ width: layout.width, height: layout.height, transform: `scale(${scale})`, transformOrigin: "0 0" }}
            className="relative"
          >
            <svg width={layout.width} height={layout.height} className="absolute inset-0" aria-hidden="true">
              {graph.edges.map((edge, place) => (
                <Edge
                  key={`${edge.from} ${edge.to}`}
                  edge={edge}
                  path={layout.paths[place] ?? ""}
                  graph={graph.nodes}
                  run={run}
                  selected={selectedNode}
                />
              ))}
            </svg>
            {graph.nodes.map((node) => (
              <Node
                key={node.id}
                node={node}
                place={layout.places.get(node.id) ?? { x: 0, y: 0 }}
                summary={nodeSummary(node, run.tasks, nowMs)}
                isSelected={node.id === selectedNode}
                isStop={node.id === stop}
                onSelect={() => onSelect(node.taskIds[0] ?? node.id)}
                onKeyDown={(event) => onKeyDown(event, node.id)}
              />
            ))}
          </div>
        </div>
      </div>
      <Zoom scale={scale} fit={fit} onZoom={setZoom} />
    </div>
  );
}

interface NodeProps {
  readonly node: GraphNode;
  readonly place: Point;
  readonly summary: NodeSummary;
  readonly isSelected: boolean;
  readonly isStop: boolean;
  readonly onSelect: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

function Node({ node, place, summary, isSelected, isStop, onSelect, onKeyDown }: NodeProps) {
  const { title, status, line, fraction } = summary;
  const { color, words } = statusLook(status);
  const isWaiting = status === "pending" || status === "skipped" || status === "cancelled";
  const isStack = node.taskIds.length > 1;
  return (
    <button
      type="button"
      data-node={node.id}
      data-status={status}
      tabIndex={isStop ? 0 : -1}
      aria-pressed={isSelected}
      onClick={onSelect}
      onKeyDown={onKeyDown}
      style={{ width: NODE_WIDTH, height: NODE_HEIGHT, transform: `translate(${place.x}px, ${place.y}px)` }}
      className={`absolute top-0 left-0 flex flex-col overflow-hidden rounded-lg border px-3 py-2 text-left transition-[border-color,box-shadow,background-color] ${isWaiting ? "bg-page" : "bg-panel"} ${
        isSelected ? "border-accent ring-1 ring-accent" : "border-edge/60 hover:border-ink"
      } ${isStack ? "shadow-[4px_4px_0_-1px_var(--color-page),4px_4px_0_0_var(--color-edge)]" : "shadow-sm"}`}
    >
      <span className="flex items-start gap-2">
        <StatusMark status={status} className="mt-0.5 size-4" />
        <span className={`line-clamp-2 text-[0.8125rem] leading-[1.15rem] font-medium break-words ${isWaiting ? "text-quiet" : ""}`}>
          {title}
        </span>
      </span>
      <span className={`numeric mt-auto truncate pl-6 text-2xs ${color}`}>
        {line === "" ? words : <span className="sr-only">{words}, </span>}
        {line}
      </span>
      {fraction !== undefined && (
        <span aria-hidden="true" className="absolute inset-x-0 bottom-0 h-[3px] bg-line">
          <span className={`block h-full bg-current transition-[width] ${color}`} style={{ width: `${Math.round(fraction * 100)}%` }} />
        </span>
      )}
    </button>
  );
}

interface EdgeProps {
  readonly edge: GraphEdge;
  readonly path: string;
  readonly graph: readonly GraphNode[];
  readonly run: RunState;
  readonly selected: string | undefined;
}

function Edge({ edge, path, graph, run, selected }: EdgeProps) {
  const target = graph.find(({ id }) => id === edge.to);
  const isFlowing = target?.taskIds.some((taskId) => run.tasks.get(taskId)?.status === "running") ?? false;
  const isNear = selected === edge.from || selected === edge.to;
  const look = isFlowing ? "stroke-busy [stroke-dasharray:5_9] animate-flow" : isNear ? "stroke-accent" : "stroke-edge/70";
  return (
    <g fill="none">
      {isFlowing && <path d={path} className="stroke-edge/40" strokeWidth="1.5" />}
      <path d={path} className={look} strokeWidth={isNear || isFlowing ? 2 : 1.5} strokeDasharray={edge.isSubtask ? "3 4" : undefined} />
    </g>
  );
}

function Zoom({
  scale,
  fit,
  onZoom,
}: {
  readonly scale: number;
  readonly fit: number;
  readonly onZoom: (scale: number | undefined) => void;
}) {
  const look = "grid size-8 place-items-center text-sm hover:bg-sunk disabled:text-quiet/60";
  return (
    <div
      role="group"
      aria-label="Size of the graph"
      className="absolute right-3 bottom-3 flex divide-x divide-line overflow-hidden rounded-md border border-line bg-panel shadow-sm"
    >
      <button
        type="button"
        aria-label="Smaller"
        className={look}
        disabled={scale <= LEAST_SCALE}
        onClick={() => onZoom(Math.max(LEAST_SCALE, scale - 0.15))}
      >
        <Icon name="less" />
      </button>
      <button type="button" aria-label="Fit to width" className={look} disabled={scale === fit} onClick={() => onZoom(undefined)}>
        <Icon name="fit" />
      </button>
      <button
        type="button"
        aria-label="Larger"
        className={look}
        disabled={scale >= 1.5}
        onClick={() => onZoom(Math.min(1.5, scale + 0.15))}
      >
        <Icon name="more" />
      </button>
    </div>
  );
}

/** The same graph as long as tasks and what they wait for are the same, however their states change. */
function useGraph(run: RunState) {
  const shape = [...run.tasks.values()]
    .map(({ taskId, capability, dependsOn, parentId }) => `${taskId}|${capability}|${dependsOn.join(",")}|${parentId ?? ""}`)
    .join("\n");
  // oxlint-disable-next-line react/exhaustive-deps -- the shape says when the tasks are others; their states do not matter here
  return useMemo(() => runGraph(run.tasks.values()), [shape]);
}

function useWidth(element: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => setWidth(element.current?.clientWidth ?? 0), [element]);
  useEffect(() => {
    const { current } = element;
    if (current === null) return undefined;
    const observer = new ResizeObserver(() => setWidth(current.clientWidth));
    observer.observe(current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}

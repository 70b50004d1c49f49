// Places for the nodes of a graph: dagre's layered layout. Pure; the same graph always gets the same places.

import dagre from "@dagrejs/dagre";
import type { RunGraph } from "./run-graph.ts";

export const NODE_WIDTH = 200;
export const NODE_HEIGHT = 74;
const MARGIN = 24;

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface GraphLayout {
  readonly width: number;
  readonly height: number;
  /** Left upper corners by node id. */
  readonly places: ReadonlyMap<string, Point>;
  /** In the order of the graph's edges: an SVG path each. */
  readonly paths: readonly string[];
}

/** `LR`: from left to right; `TB`: from top to bottom, for narrow screens. */
export type Direction = "LR" | "TB";

export function layoutGraph({ nodes, edges }: RunGraph, direction: Direction): GraphLayout {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: direction, nodesep: 20, ranksep: direction === "LR" ? 40 : 36, marginx: MARGIN, marginy: MARGIN });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of nodes) graph.setNode(id, { width: NODE_WIDTH, height: NODE_HEIGHT });
  for (const { from, to } of edges) graph.setEdge(from, to);
  dagre.layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    width: Math.max(width, NODE_WIDTH + 2 * MARGIN),
    height: Math.max(height, NODE_HEIGHT + 2 * MARGIN),
    places: new Map(
      nodes.map(({ id }) => {
        const { x = 0, y = 0 } = graph.node(id);
        return [id, { x: x - NODE_WIDTH / 2, y: y - NODE_HEIGHT / 2 }];
      }),
    ),
    paths: edges.map(({ from, to }) => {
      const bends = (graph.edge(from, to).points ?? []).slice(1, -1);
      return curve([side(graph.node(from), direction, 1), ...bends, side(graph.node(to), direction, -1)], direction);
    }),
  };
}

/** The middle of the side where lines leave (1) or arrive (-1). */
function side({ x = 0, y = 0 }: { readonly x?: number; readonly y?: number }, direction: Direction, way: 1 | -1): Point {
  return direction === "LR" ? { x: x + (way * NODE_WIDTH) / 2, y } : { x, y: y + (way * NODE_HEIGHT) / 2 };
}

/** A smooth line through the points, leaving and arriving along the direction of the graph. */
function curve(points: readonly Point[], direction: Direction): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  let path = `M${at(first)}`;
  let before = first;
  for (const point of rest) {
    const middle = { x: (before.x + point.x) / 2, y: (before.y + point.y) / 2 };
    const [one, other] =
      direction === "LR"
        ? [
            { x: middle.x, y: before.y },
            { x: middle.x, y: point.y },
          ]
        : [
            { x: before.x, y: middle.y },
            { x: point.x, y: middle.y },
          ];
    path += `C${at(one)} ${at(other)} ${at(point)}`;
    before = point;
  }
  return path;
}

function at({ x, y }: Point): string {
  return `${Math.round(x * 10) / 10},${Math.round(y * 10) / 10}`;
}

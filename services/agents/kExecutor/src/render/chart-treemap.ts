// A treemap: shares of a whole as rectangles, laid out squarified (Bruls, Huizing, van Wijk, 2000).

import { colourClass, type DataPoint, DRAWING_WIDTH, type Drawing, px, type ValueFormat } from "./drawing.ts";
import { charactersOf, escapeHtml, shorten } from "./html.ts";

const HEIGHT = 360;
const GAP = 2;
const CHAR_WIDTH = 7.3;
/** What is smaller than that part of the largest value has no area to show. */
const LEAST_SHARE = 1e-6;

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Share {
  readonly point: DataPoint;
  readonly position: number;
  /** Relative to the largest value. */
  readonly weight: number;
}

interface Tile extends Rectangle {
  readonly point: DataPoint;
  readonly position: number;
}

export function drawTreemap(series: readonly DataPoint[], format: ValueFormat): Drawing {
  const most = Math.max(...series.map(({ value }) => value));
  const shares = series.map((point, position) => ({ point, position, weight: most === 0 ? 0 : point.value / most }));
  const points = shares.filter(({ weight }) => weight >= LEAST_SHARE);
  points.sort((one, other) => other.weight - one.weight || one.position - other.position);
  const tiles = layOut(points, { x: 0, y: 0, width: DRAWING_WIDTH, height: HEIGHT });
  const content = tiles.map((tile) => {
    const [width, height] = [Math.max(tile.width - GAP, 0.5), Math.max(tile.height - GAP, 0.5)];
    return (
      `<g><title>${escapeHtml(`${tile.point.label}: ${format(tile.point.value)}`)}</title>` +
      `<rect class="${colourClass(tile.position)} tile" x="${px(tile.x + GAP / 2)}" y="${px(tile.y + GAP / 2)}" width="${px(width)}" height="${px(height)}" rx="3"/>` +
      `${tileText(tile, format)}</g>`
    );
  });
  return { width: DRAWING_WIDTH, height: HEIGHT, content: content.join("") };
}

/** Name and number, as far as there is room for them. */
function tileText(tile: Tile, format: ValueFormat): string {
  const chars = Math.floor((tile.width - 16) / CHAR_WIDTH);
  if (chars < 4 || tile.height < 24) return "";
  const name = `<text class="label" x="${px(tile.x + 9)}" y="${px(tile.y + 20)}">${escapeHtml(shortenStart(tile.point.label, chars))}</text>`;
  const number = format(tile.point.value);
  if (tile.height < 42 || number.length > chars) return name;
  return `${name}<text class="number" x="${px(tile.x + 9)}" y="${px(tile.y + 38)}">${escapeHtml(number)}</text>`;
}

/** Of a path the end says more than the beginning. */
function shortenStart(text: string, maxChars: number): string {
  const chars = charactersOf(text);
  if (chars.length <= maxChars) return text;
  return text.includes("/") ? `…${chars.slice(chars.length - maxChars + 1).join("")}` : shorten(text, maxChars);
}

/** Fills the room row by row along its shorter side; a row takes the next value as long as its worst tile gets squarer. */
function layOut(points: readonly Share[], room: Rectangle): readonly Tile[] {
  const whole = points.reduce((sum, { weight }) => sum + weight, 0);
  const scale = (room.width * room.height) / (whole === 0 ? 1 : whole);
  const tiles: Tile[] = [];
  let left = room;
  for (let start = 0; start < points.length; ) {
    const side = Math.min(left.width, left.height);
    let end = start + 1;
    while (end < points.length && worst(points.slice(start, end + 1), side, scale) <= worst(points.slice(start, end), side, scale))
      end += 1;
    const row = points.slice(start, end);
    const thickness = side === 0 ? 0 : (row.reduce((sum, { weight }) => sum + weight, 0) * scale) / side;
    const isColumn = left.width >= left.height;
    let along = 0;
    for (const { point, position, weight } of row) {
      const length = thickness === 0 ? 0 : (weight * scale) / thickness;
      tiles.push(
        isColumn
          ? { point, position, x: left.x, y: left.y + along, width: thickness, height: length }
          : { point, position, x: left.x + along, y: left.y, width: length, height: thickness },
      );
      along += length;
    }
    left = isColumn
      ? { ...left, x: left.x + thickness, width: Math.max(left.width - thickness, 0) }
      : { ...left, y: left.y + thickness, height: Math.max(left.height - thickness, 0) };
    start = end;
  }
  return tiles;
}

/** The largest ratio of sides in a row: 1 is a square. */
function worst(row: readonly Share[], side: number, scale: number): number {
  const areas = row.map(({ weight }) => weight * scale);
  const sum = areas.reduce((total, area) => total + area, 0);
  const [most, least] = [Math.max(...areas), Math.min(...areas)];
  return Math.max((side * side * most) / (sum * sum), (sum * sum) / (side * side * least));
}

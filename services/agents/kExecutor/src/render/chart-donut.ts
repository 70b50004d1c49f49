// A donut chart: shares of a whole, with a legend. What is beyond the first seven is one share.

import { formatShare } from "./amount.ts";
import { colourClass, type DataPoint, DRAWING_WIDTH, type Drawing, px, type ValueFormat } from "./drawing.ts";
import { escapeHtml, shorten } from "./html.ts";

const MOST_SHARES = 8;
const RADIUS = 100;
const HOLE = 62;
const CENTRE = 120;
const LEGEND_X = 270;
const LEGEND_ROW = 27;
const HEIGHT = 2 * CENTRE;

export function drawDonut(series: readonly DataPoint[], format: ValueFormat): Drawing {
  const shares = summed(series);
  const whole = shares.reduce((sum, { value }) => sum + value, 0);
  let turned = 0;
  const rings = shares.map((share, index) => {
    const part = whole === 0 ? 0 : share.value / whole;
    const path = ringPath(turned, turned + part);
    turned += part;
    return part === 0
      ? ""
      : `<path class="${colourClass(index)} slice" d="${path}"><title>${escapeHtml(`${share.label}: ${format(share.value)}`)}</title></path>`;
  });
  const top = (HEIGHT - shares.length * LEGEND_ROW) / 2;
  const legend = shares.map((share, index) => {
    const y = top + index * LEGEND_ROW;
    return (
      `<rect class="${colourClass(index)}" x="${LEGEND_X}" y="${px(y + 7)}" width="13" height="13" rx="3"/>` +
      `<text class="label" x="${LEGEND_X + 23}" y="${px(y + 18)}">${escapeHtml(shorten(share.label, 30))}</text>` +
      `<text class="number" x="${DRAWING_WIDTH - 90}" y="${px(y + 18)}" text-anchor="end">${escapeHtml(format(share.value))}</text>` +
      `<text class="number" x="${DRAWING_WIDTH - 15}" y="${px(y + 18)}" text-anchor="end">${escapeHtml(formatShare(share.value, whole))}</text>`
    );
  });
  const total = `<text class="total" x="${CENTRE}" y="${CENTRE + 6}" text-anchor="middle">${escapeHtml(format(whole))}</text>`;
  return { width: DRAWING_WIDTH, height: HEIGHT, content: rings.join("") + total + legend.join("") };
}

function summed(series: readonly DataPoint[]): readonly DataPoint[] {
  if (series.length <= MOST_SHARES) return series;
  const rest = series.slice(MOST_SHARES - 1);
  return [...series.slice(0, MOST_SHARES - 1), { label: `${rest.length} others`, value: rest.reduce((sum, { value }) => sum + value, 0) }];
}

/** A piece of the ring between two turns (0 to 1), clockwise from the top. */
function ringPath(from: number, to: number): string {
  if (to - from > 0.9999) return `${ringPath(0, 0.5)}${ringPath(0.5, 1)}`;
  const large = to - from > 0.5 ? 1 : 0;
  return `M${point(from, RADIUS)}A${RADIUS} ${RADIUS} 0 ${large} 1 ${point(to, RADIUS)}L${point(to, HOLE)}A${HOLE} ${HOLE} 0 ${large} 0 ${point(from, HOLE)}Z`;
}

function point(turn: number, radius: number): string {
  const angle = turn * 2 * Math.PI - Math.PI / 2;
  const [x, y] = [CENTRE + radius * Math.cos(angle), CENTRE + radius * Math.sin(angle)];
  return `${x.toFixed(2)} ${y.toFixed(2)}`;
}

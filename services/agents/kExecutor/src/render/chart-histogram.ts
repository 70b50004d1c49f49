// A histogram: one column a class, the count above it and the class below.

import { colourClass, type DataPoint, DRAWING_WIDTH, type Drawing, px, type ValueFormat } from "./drawing.ts";
import { escapeHtml, shorten } from "./html.ts";

const COLUMN_HEIGHT = 200;
const TOP = 24;
const BOTTOM = 30;
const CHAR_WIDTH = 7.3;

export function drawHistogram(series: readonly DataPoint[], format: ValueFormat): Drawing {
  const most = Math.max(...series.map(({ value }) => value), 1);
  const step = DRAWING_WIDTH / series.length;
  const base = TOP + COLUMN_HEIGHT;
  const columns = series.map(({ label, value }, index) => {
    const height = value === 0 ? 0 : Math.max((value / most) * COLUMN_HEIGHT, 2);
    const middle = px((index + 0.5) * step);
    return (
      `<g><title>${escapeHtml(`${label}: ${format(value)}`)}</title>` +
      `<rect class="${colourClass(0)}" x="${px(index * step + step * 0.14)}" y="${px(base - height)}" width="${px(step * 0.72)}" height="${px(height)}" rx="3"/>` +
      `<text class="number" x="${middle}" y="${px(base - height - 7)}" text-anchor="middle">${escapeHtml(format(value))}</text>` +
      `<text class="label" x="${middle}" y="${base + 20}" text-anchor="middle">${escapeHtml(shorten(label, Math.max(Math.floor(step / CHAR_WIDTH), 2)))}</text></g>`
    );
  });
  const axis = `<line class="axis" x1="0" x2="${DRAWING_WIDTH}" y1="${base}" y2="${base}"/>`;
  return { width: DRAWING_WIDTH, height: base + BOTTOM, content: columns.join("") + axis };
}

// A bar chart: one row a value, the label on the left, the number behind the bar.

import { colourClass, type DataPoint, DRAWING_WIDTH, type Drawing, px, type ValueFormat } from "./drawing.ts";
import { charactersOf, escapeHtml, shorten } from "./html.ts";

const ROW = 28;
const NUMBER_WIDTH = 90;
const MAX_LABEL = 30;
const CHAR_WIDTH = 7.2;

export function drawBars(series: readonly DataPoint[], format: ValueFormat): Drawing {
  const most = Math.max(...series.map(({ value }) => value), 1);
  const longest = Math.max(...series.map(({ label }) => Math.min(charactersOf(label).length, MAX_LABEL)));
  const labelWidth = Math.round(longest * CHAR_WIDTH) + 16;
  const room = DRAWING_WIDTH - labelWidth - NUMBER_WIDTH;
  const rows = series.map(({ label, value }, index) => {
    const [y, width] = [index * ROW, value === 0 ? 0 : Math.max((value / most) * room, 2)];
    return (
      `<g><title>${escapeHtml(`${label}: ${format(value)}`)}</title>` +
      `<text class="label" x="${labelWidth - 10}" y="${y + 18}" text-anchor="end">${escapeHtml(shorten(label, MAX_LABEL))}</text>` +
      `<rect class="${colourClass(0)}" x="${labelWidth}" y="${y + 5}" width="${px(width)}" height="${ROW - 10}" rx="3"/>` +
      `<text class="number" x="${px(labelWidth + width + 8)}" y="${y + 18}">${escapeHtml(format(value))}</text></g>`
    );
  });
  return { width: DRAWING_WIDTH, height: series.length * ROW, content: rows.join("") };
}

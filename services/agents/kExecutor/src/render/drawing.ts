// What every kind of chart draws with.

export interface DataPoint {
  readonly label: string;
  readonly value: number;
}

export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** The inside of an SVG element, escaped. */
  readonly content: string;
}

export type ValueFormat = (value: number) => string;

export const DRAWING_WIDTH = 720;
const COLOURS = 8;

/** Class of the colour for the value at that position. */
export function colourClass(position: number): string {
  return `c${(position % COLOURS) + 1}`;
}

/** A coordinate with at most one decimal: enough for the eye, and shorter. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

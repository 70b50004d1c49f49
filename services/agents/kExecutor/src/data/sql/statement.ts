// Statements whose names come from data: a table, its columns. Names are quoted here and nowhere else; values are always bound.

/** Any text as one name. A NUL would end the statement early, so it is shown as its picture. */
export function quotedName(name: string): string {
  return `"${name.replaceAll("\0", "\u2400").replaceAll('"', '""')}"`;
}

/** The parts are fixed words and quoted names. */
export function statement(...parts: readonly string[]): string {
  return parts.join(" ");
}

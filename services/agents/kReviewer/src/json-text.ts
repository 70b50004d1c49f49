// Values as they are shown in findings: short, on one line, without control characters.

const MAX_CHARS = 200;

/** JSON text, cut to a readable length. */
export function shownValue(value: unknown): string {
  if (Array.isArray(value) && value.length > 8) return `a list of ${value.length}`;
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return clip(text);
}

/** One line of at most a few hundred characters; control and invisible direction characters become `?` ([R67], [R107]). */
export function clip(text: string, maxChars = MAX_CHARS): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?");
  return line.length <= maxChars ? line : `${line.slice(0, maxChars - 3)}...`;
}

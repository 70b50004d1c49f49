// "Did you mean …": the known name closest to a mistyped one.

const MAX_NAMES = 5000;

/** The closest of `names` within about a third of the length in edits; undefined when none is close. */
export function nearestName(wanted: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  let seen = 0;
  for (const name of names) {
    seen += 1;
    if (seen > MAX_NAMES) break;
    if (Math.abs(name.length - wanted.length) >= bestDistance) continue;
    const distance = editDistance(wanted.toLowerCase(), name.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      bestDistance = distance;
      best = name;
    }
  }
  return best;
}

/** Levenshtein distance by rows; gives up with `limit` once it cannot be lower. */
function editDistance(left: string, right: string, limit: number): number {
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    let lowest = row;
    for (let column = 1; column <= right.length; column += 1) {
      const substitution = (previous[column - 1] ?? 0) + Number(left[row - 1] !== right[column - 1]);
      const value = Math.min(substitution, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1);
      current.push(value);
      lowest = Math.min(lowest, value);
    }
    if (lowest >= limit) return limit;
    previous = current;
  }
  return previous[right.length] ?? limit;
}

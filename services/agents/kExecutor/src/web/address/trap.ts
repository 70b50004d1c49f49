// Recognises addresses that a server makes up without end. Only what the address alone shows is decided here; sameness of pages is site/sameness.ts.

const MAX_SEGMENTS = 40;
const MAX_PERIOD = 4;
/** A block of segments this often in a row is a relative link that goes nowhere, not a folder. */
const MAX_REPEATS = 4;

/** Whether the path grows by repeating itself: /a/b/a/b/a/b/a/b. */
export function isEndlessPath(address: string): boolean {
  const segments = new URL(address).pathname.split("/").filter((segment) => segment !== "");
  if (segments.length > MAX_SEGMENTS) return true;
  for (let period = 1; period <= MAX_PERIOD; period++) {
    let run = 0;
    for (let index = period; index < segments.length; index++) {
      run = segments[index] === segments[index - period] ? run + 1 : 0;
      if (run >= period * (MAX_REPEATS - 1)) return true;
    }
  }
  return false;
}

/** The address with every number the same: what the pages of a calendar or a counter share. */
export function shapeOf(address: string): string {
  const { origin, pathname, search } = new URL(address);
  return origin + (pathname + search).replace(/\d+/g, "0");
}

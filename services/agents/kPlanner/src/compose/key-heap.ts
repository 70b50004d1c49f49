// A binary heap of numbers by key: smallest key first, of equal keys the smallest number, so that every run goes the same way.

export interface KeyHeap {
  readonly size: number;
  push(key: number, item: number): void;
  /** Key of the smallest; Infinity when empty. */
  key(): number;
  /** The smallest, taken out; -1 when empty. */
  pop(): number;
}

export function createKeyHeap(): KeyHeap {
  const keys: number[] = [];
  const items: number[] = [];

  /** Lets the entry in hand fall from a place to where it belongs. */
  function sink(key: number, item: number): void {
    const size = keys.length;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= size) break;
      if (child + 1 < size && isBefore(keys[child + 1] ?? 0, items[child + 1] ?? 0, keys[child] ?? 0, items[child] ?? 0)) child += 1;
      const [childKey = 0, childItem = 0] = [keys[child], items[child]];
      if (!isBefore(childKey, childItem, key, item)) break;
      keys[place] = childKey;
      items[place] = childItem;
      place = child;
    }
    keys[place] = key;
    items[place] = item;
  }

  return {
    get size() {
      return keys.length;
    },
    push(key, item) {
      let place = keys.length;
      while (place > 0) {
        const above = (place - 1) >> 1;
        const [aboveKey = 0, aboveItem = 0] = [keys[above], items[above]];
        if (!isBefore(key, item, aboveKey, aboveItem)) break;
        keys[place] = aboveKey;
        items[place] = aboveItem;
        place = above;
      }
      keys[place] = key;
      items[place] = item;
    },
    key: () => keys[0] ?? Number.POSITIVE_INFINITY,
    pop() {
      const top = items[0] ?? -1;
      const [key, item] = [keys.pop(), items.pop()];
      if (key !== undefined && item !== undefined && keys.length > 0) sink(key, item);
      return top;
    },
  };
}

function isBefore(leftKey: number, leftItem: number, rightKey: number, rightItem: number): boolean {
  return leftKey < rightKey || (leftKey === rightKey && leftItem < rightItem);
}

// A binary heap of things with a time, each knowing its place, so that it can be moved and removed in O(log n).

export interface Timed {
  atMs: number;
  /** Place in the heap; -1 outside. Only the heap writes it. */
  heapIndex: number;
}

export class TimerHeap<Entry extends Timed> {
  readonly #entries: Entry[] = [];

  get first(): Entry | undefined {
    return this.#entries[0];
  }

  get size(): number {
    return this.#entries.length;
  }

  /** Inserts the entry or moves it to its new time. */
  set(entry: Entry, atMs: number): void {
    if (entry.heapIndex < 0) {
      entry.atMs = atMs;
      entry.heapIndex = this.#entries.length;
      this.#entries.push(entry);
      this.#rise(entry);
      return;
    }
    const before = entry.atMs;
    entry.atMs = atMs;
    if (atMs < before) this.#rise(entry);
    else this.#sink(entry);
  }

  remove(entry: Entry): void {
    if (entry.heapIndex < 0) return;
    const last = this.#entries.pop();
    const index = entry.heapIndex;
    entry.heapIndex = -1;
    if (last === undefined || last === entry) return;
    last.heapIndex = index;
    this.#entries[index] = last;
    this.#rise(last);
    this.#sink(last);
  }

  #rise(entry: Entry): void {
    let index = entry.heapIndex;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.#entries[parentIndex];
      if (parent === undefined || parent.atMs <= entry.atMs) break;
      this.#place(parent, index);
      index = parentIndex;
    }
    this.#place(entry, index);
  }

  #sink(entry: Entry): void {
    const { length } = this.#entries;
    let index = entry.heapIndex;
    for (;;) {
      let childIndex = index * 2 + 1;
      if (childIndex >= length) break;
      const right = this.#entries[childIndex + 1];
      let child = this.#entries[childIndex];
      if (right !== undefined && child !== undefined && right.atMs < child.atMs) {
        child = right;
        childIndex++;
      }
      if (child === undefined || child.atMs >= entry.atMs) break;
      this.#place(child, index);
      index = childIndex;
    }
    this.#place(entry, index);
  }

  #place(entry: Entry, index: number): void {
    this.#entries[index] = entry;
    entry.heapIndex = index;
  }
}

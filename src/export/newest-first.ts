/** Something at a record of a certain time. */
export interface Timed {
  /** Epoch milliseconds. */
  readonly time: number;
}

/** A binary heap: tells which of many sources has the newest record. Of equal ones, the first has. */
export class NewestFirst<Source extends Timed> {
  readonly #heap: { readonly source: Source; readonly rank: number }[];

  constructor(sources: readonly Source[]) {
    this.#heap = sources.map((source, rank) => ({ source, rank }));
    for (let index = this.#heap.length >> 1; index >= 0; index--) {
      this.#sink(index);
    }
  }

  get top(): Source | undefined {
    return this.#heap[0]?.source;
  }

  /** To be called when the top has gone on to its next record. */
  update(): void {
    this.#sink(0);
  }

  /** To be called when the top has no more records. */
  removeTop(): void {
    const last = this.#heap.pop();
    if (last && this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink(0);
    }
  }

  #sink(from: number): void {
    const heap = this.#heap;
    for (let index = from; ; ) {
      const left = 2 * index + 1;
      const child = this.#isBefore(left + 1, left) ? left + 1 : left;
      const [parent, newer] = [heap[index], heap[child]];
      if (!parent || !newer || !this.#isBefore(child, index)) {
        return;
      }
      heap[index] = newer;
      heap[child] = parent;
      index = child;
    }
  }

  #isBefore(index: number, other: number): boolean {
    const [a, b] = [this.#heap[index], this.#heap[other]];
    if (!a || !b) {
      return false;
    }
    return a.source.time === b.source.time ? a.rank < b.rank : a.source.time > b.source.time;
  }
}

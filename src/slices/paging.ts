import { endlessPagesError, pagePosition, repeatedPageError } from "../api/pages.js";
import type { Slice } from "./slice.js";

/** So many pages without an event, one after the other, are no paging any more. */
const mostEmptyPages = 100;

/** So often a slice starts over since pages have shifted. */
export const mostRestarts = 3;

/** How the pages of a slice follow one another. */
export class Paging {
  /** Whether the next link is of an interrupted run. */
  isResumed: boolean;
  readonly #seen = new Set<string>();
  #emptyPages = 0;
  #restarts = 0;

  constructor({ next }: Slice) {
    this.isResumed = next !== undefined;
  }

  get mayRestart(): boolean {
    return this.#restarts < mostRestarts;
  }

  restart(): void {
    this.isResumed = false;
    this.#seen.clear();
    this.#emptyPages = 0;
    this.#restarts += 1;
  }

  /** @throws ServiceError where the link has been followed before */
  follow(link: string): void {
    const position = pagePosition(link);
    if (this.#seen.has(position)) {
      throw repeatedPageError();
    }
    this.#seen.add(position);
  }

  /** @throws ServiceError where pages have been empty for too long */
  received(events: number): void {
    this.isResumed = false;
    this.#emptyPages = events > 0 ? 0 : this.#emptyPages + 1;
    if (this.#emptyPages > mostEmptyPages) {
      throw endlessPagesError();
    }
  }
}

/** Those of all slices. */
export class Pagings {
  readonly #bySlice = new Map<Slice, Paging>();

  of(slice: Slice): Paging {
    const paging = this.#bySlice.get(slice) ?? new Paging(slice);
    this.#bySlice.set(slice, paging);
    return paging;
  }

  forget(slice: Slice): void {
    this.#bySlice.delete(slice);
  }
}

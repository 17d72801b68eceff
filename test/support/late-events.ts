import type { EventSource } from "../../src/sandbox/event-source.js";
import { mix } from "../../src/sandbox/mix.js";

export interface Lateness {
  /** Share of the events that arrive late, 0 to 1. */
  readonly share: number;
  /** Longest delay of those, in milliseconds. */
  readonly longest: number;
  /** Decides which ones, and how late. */
  readonly seed: number;
}

/** The same events, but some of them arrive a while after they happened. */
export function withLateEvents(
  source: EventSource,
  { share, longest, seed }: Lateness,
): Required<EventSource> {
  const draw = (index: number, what: number) => mix(mix(seed, what), index) / 2 ** 32;
  return {
    ...source,
    availableAt(index) {
      const delay = draw(index, 1) < share ? Math.ceil(draw(index, 2) * longest) : 0;
      return source.timestampOf(index) + delay;
    },
  };
}

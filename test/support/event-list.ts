import type { EventSource } from "../../src/sandbox/event-source.js";
import { compareIdentities, identityOf } from "../../src/sandbox/identity.js";

/** Events of a test's own making, as a source for the simulator. */
export function eventList(events: readonly Record<string, unknown>[]): EventSource {
  const times = events.map(({ timestamp }) => Date.parse(String(timestamp)));
  const identities = events.map((event) => identityOf(event.event_id, () => JSON.stringify(event)));
  const order = [...events.keys()].sort(
    (a, b) =>
      (times[b] ?? 0) - (times[a] ?? 0) ||
      compareIdentities(identities[a] ?? "", identities[b] ?? "") ||
      a - b,
  );
  const eventAt = (index: number) => events[order[index] ?? 0] ?? {};
  return {
    length: events.length,
    timestampOf: (index) => times[order[index] ?? 0] ?? 0,
    typeOf: (index) => String(eventAt(index).type),
    propertyOf: (index, name) => eventAt(index)[name],
    event: eventAt,
    json: (indices) => [
      Buffer.from([...indices].map((index) => JSON.stringify(eventAt(index))).join(",")),
    ],
  };
}

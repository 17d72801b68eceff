import type { Connection } from "../../api/client.js";
import { type ApiName, granularityOf } from "../../api/search.js";
import { countEvents } from "../../api/search-events.js";
import { type WireFacts, watchWire } from "../../api/wire.js";
import { systemClock } from "../../clock.js";
import { SparkyEventsError } from "../../errors.js";
import { floorToUnit } from "../../time/units.js";

export interface Probe {
  readonly facts: WireFacts;
  /** Number of events, or why it is not known. */
  readonly outcome: number | SparkyEventsError;
}

/** A person waits, and can ask again: a few seconds for each try, and for all of them. */
const timeout = 10_000;
const patience = 5_000;

/** The same connection, but one that a person does not wait long for. */
export function withLittlePatience<Known extends Connection>(connection: Known): Known {
  return {
    ...connection,
    timeout: Math.min(connection.timeout ?? timeout, timeout),
    giveUpAfter: patience,
  };
}

/**
 * Counts the events of the last time with a request for a single one, which tells whether the host
 * is reached and the key may search.
 *
 * @param span milliseconds until now
 */
export async function probe(
  connection: Connection & { readonly host: string },
  api: ApiName,
  span: number,
): Promise<Probe> {
  const { now } = connection.clock ?? systemClock;
  const to = floorToUnit(now(), granularityOf(api));
  const { result, facts } = await watchWire(connection.host, now, () =>
    countEvents(withLittlePatience(connection), { api, from: to - span, to }).catch(
      (error: unknown) => {
        if (error instanceof SparkyEventsError && error !== connection.signal?.reason) {
          return error;
        }
        throw error;
      },
    ),
  );
  return { facts, outcome: result };
}

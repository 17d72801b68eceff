import { BusyError } from "../../errors.js";
import { isAtWork } from "../../files/lock.js";
import { want, wantNoMore } from "../../files/wanted.js";
import type { EventStore } from "../../store/event-store.js";
import { openStore } from "../../store/open-store.js";
import type { StoreAddress } from "../../store/store-address.js";
import type { Edges } from "../process/edges.js";

/** A server lets go of a DuckDB file soon after it hears that it is wanted. In milliseconds. */
const patience = 15_000;
const pause = 250;

/**
 * Opens a store to be written to. Where a server has the file, it waits for that to let go of it.
 *
 * @param work folder whose lock another sync would have
 * @param create whether one is made where there is none
 * @throws BusyError where another sync is at work, or the file is in use for long
 */
export async function openWhenFree(
  address: StoreAddress,
  work: string,
  { clock, signal }: Pick<Edges, "clock" | "signal">,
  create = true,
): Promise<EventStore> {
  const file = address.engine === "duckdb" ? address.path : undefined;
  let hasAsked = false;
  try {
    for (let waited = 0; ; waited += pause) {
      try {
        return await openStore(address, { mode: "write", create });
      } catch (error) {
        const isOver = waited >= patience || (await isAtWork(work));
        if (!(error instanceof BusyError) || isOver) {
          throw error;
        }
        if (file !== undefined) {
          hasAsked = true;
          await want(file);
        }
        await clock.sleep(pause, signal);
      }
    }
  } finally {
    if (file !== undefined && hasAsked) {
      await wantNoMore(file);
    }
  }
}

import { constants, openSync } from "node:fs";
import { Socket } from "node:net";
import type { Writable } from "node:stream";
import { systemClock } from "../clock.js";
import { hasCode } from "./errno.js";

/** In milliseconds. */
const pipePolling = 100;

/**
 * Opens a named pipe for writing, as soon as somebody reads it. To open it the usual way would wait for
 * that in a thread that nothing can interrupt.
 */
export async function openPipe(path: string, signal: AbortSignal | undefined): Promise<Writable> {
  for (;;) {
    signal?.throwIfAborted();
    try {
      const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
      return new Socket({ fd, readable: false, writable: true });
    } catch (error) {
      if (!hasCode(error, "ENXIO")) {
        throw error;
      }
    }
    await systemClock.sleep(pipePolling, signal);
  }
}

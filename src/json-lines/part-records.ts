import type { FindPartRecord } from "../pages/part-records.js";

const lineFeed = 0x0a;

/** Finds lines of events, which say themselves when they happened. */
export const findPartLine: FindPartRecord = (memory, start, end) => {
  const found = memory.indexOf(lineFeed, start);
  if (found === -1 || found >= end) {
    return undefined;
  }
  const bytes = memory.subarray(start, found + 1);
  const { timestamp } = JSON.parse(bytes.toString("utf8"));
  return {
    // An object or a list is no time, and not every one can become a text.
    timestamp: ["string", "number"].includes(typeof timestamp) ? String(timestamp) : "",
    bytes,
    end: found + 1,
  };
};

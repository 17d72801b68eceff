import { readFileSync } from "node:fs";
import { defaultProperties } from "../dist/index.js";

const catalogPath = new URL("../src/catalog/event-catalog.json", import.meta.url);

/** The columns that exports are measured with, by name. */
export const columnSets = {
  15: [...defaultProperties, "event_id", "sending_ip", "transmission_id"],
  all: Object.keys(JSON.parse(readFileSync(catalogPath, "utf8")).properties),
};

if (columnSets[15].length !== 15) {
  throw new Error("The default columns have changed: choose others to make 15 of them.");
}

/** @param {"15" | "all"} set */
export function describeColumns(set) {
  return set === "all" ? `all ${columnSets.all.length} columns` : `${set} columns`;
}

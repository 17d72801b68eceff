import { foldAscii } from "../../events-api/fold-case.js";
import type { Dialect } from "../sql/database.js";
import { instant } from "../sql/database.js";
import { keptText } from "../sql/schema.js";
import { metadataIs } from "./duckdb-metadata.js";

export const duckDbDialect: Dialect = {
  // Without a zone, so that it does not depend on that of the machine: all times are UTC.
  timeType: "timestamp",
  millis: (expression) => `epoch_ms(${expression})`,
  sha256: (expression) => `sha256(${expression})`,
  foldAscii: (expression) => `translate(${expression}, '${capitals}', '${foldAscii(capitals)}')`,
  foldCase: (expression) => `lower(${expression})`,
  isOneOf: (column, texts, parameters) => `${column} in ${parameters.addAll(texts)}`,
  isAddress(column, addresses, parameters) {
    const folded = addresses.map(foldAscii);
    const names = folded.map((address) => `${parameters.add(address)}::varchar`);
    const list = (write: (name: string) => string) => names.map(write).join(", ") || "null";
    // Only the last is exact, and it is slow; so the others leave it little.
    return `(strlen(${column}) in (${list((name) => `strlen(${name})`)})
      and lower(${column}) in (${list((name) => `lower(${name})`)})
      and ${duckDbDialect.foldAscii(column)} in (${list((name) => name)}))`;
  },
  metadataIs,
  count({ start, end }, { types, subaccounts }, parameters) {
    const conditions = [
      `time >= ${parameters.add(instant(start))}::timestamp`,
      `time < ${parameters.add(instant(end))}::timestamp`,
      ...(types ? [`type in ${parameters.addAll(types.map(keptText))}`] : []),
      ...(subaccounts ? [`subaccount_id in ${parameters.addAll(subaccounts.map(keptText))}`] : []),
    ];
    return `select count(*) as events from sparky_events.events where ${conditions.join(" and ")}`;
  },
};

const capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

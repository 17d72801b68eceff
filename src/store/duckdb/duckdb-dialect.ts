import { foldAscii } from "../../events-api/fold-case.js";
import type { Dialect } from "../sql/database.js";
import { instant } from "../sql/database.js";
import { keptText } from "../sql/schema.js";
import { metadataIs } from "./duckdb-metadata.js";
import { addressHash, foldedAddress, recipientHash } from "./recipient-hash.js";

export const duckDbDialect: Dialect = {
  // Without a zone, so that it does not depend on that of the machine: all times are UTC.
  timeType: "timestamp",
  millis: (expression) => `epoch_ms(${expression})`,
  sha256: (expression) => `sha256(${expression})`,
  foldAscii: foldedAddress,
  foldCase: (expression) => `lower(${expression})`,
  isOneOf: (column, texts, parameters) => `${column} in ${parameters.addAll(texts)}`,
  isAddress(column, addresses, parameters) {
    const isOne = `${foldedAddress(column)} in ${parameters.addAll(addresses.map(foldAscii))}`;
    return column === "rcpt_to" && addresses.length > 0
      ? `(${recipientHash} in (${addresses.map(addressHash).join(", ")}) and ${isOne})`
      : isOne;
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

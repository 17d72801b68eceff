import { type Declaration, type Given, required, value } from "../declaration.js";
import { busy, storeRefused, unexpected, wrong } from "../exit-codes.js";

const actions = { action: required("info: what is in it", ["info"]) };

const options = {
  store: value(
    "--store <STORE>",
    "the database: events.duckdb (default), or postgres://host/database",
  ),
  format: value("--format <NAME>", "table or json (default: table)", ["table", "json"]),
};

export type StoreGiven = Given<typeof actions, typeof options>;

export const storeCommand: Declaration = {
  arguments: actions,
  options,
  examples: [
    ["sparky-events store info", "what is in ./events.duckdb"],
    ["sparky-events store info --store postgres://db/mail", "what is in a database of PostgreSQL"],
  ],
  exitCodes: [
    ["0", "shown"],
    unexpected,
    wrong,
    storeRefused,
    ["4", "the database could not be reached, or failed"],
    busy,
  ],
};

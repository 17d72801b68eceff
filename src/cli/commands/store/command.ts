import { type Declaration, flag, type Given, optional, required, value } from "../declaration.js";
import { busy, storeRefused, unexpected, wrong } from "../exit-codes.js";

const storeArguments = {
  action: required("info, compact, forget or index", [
    "info",
    "compact",
    "forget",
    "index",
  ] as const),
  subject: optional("with forget: an address; with index: a path, such as rcpt_meta.order_id"),
};

const options = {
  store: value(
    "--store <STORE>",
    "the database: events.duckdb (default), or postgres://host/database",
  ),
  yes: flag("-y, --yes", "with forget: remove the events without asking"),
  remove: flag("--remove", "with index: remove the index"),
  format: value("--format <NAME>", "with info and compact: table or json (default: table)", [
    "table",
    "json",
  ]),
};

export type StoreGiven = Given<typeof storeArguments, typeof options>;

export const storeCommand: Declaration = {
  arguments: storeArguments,
  options,
  topics: [
    {
      title: "Forgetting",
      text: "forget removes every event whose recipient (rcpt_to) is the address, in any case of its letters, after it has shown how many there are. What happened before stays out, too, when sync or load bring it, for as long as SparkPost has it: by a hash of the address. What happens later is kept.\nIt cannot know the person's other addresses, nor whose address stands elsewhere in events of others: as their sender, in metadata, links or subjects.",
    },
    {
      title: "Space",
      text: "compact gives back the space of removed events. A DuckDB file is written anew beside itself, which takes as much room again for a while, and nobody else can use it then. In PostgreSQL it is a vacuum, beside which everybody goes on: what is free within the tables is for events to come.",
    },
    {
      title: "Indexes",
      text: "In PostgreSQL, an index of a path makes searches for its values (--where) quick. Loads wait while it is made.",
    },
  ],
  examples: [
    ["sparky-events store info", "what is in ./events.duckdb"],
    ["sparky-events store info --store postgres://db/mail", "what is in a database of PostgreSQL"],
    ["sparky-events store compact", "make ./events.duckdb as small as it can be"],
    ["sparky-events store forget anna@example.com", "show how much there is, ask, and remove it"],
    [
      "sparky-events store index rcpt_meta.order_id --store postgres://db/mail",
      "then --where 'rcpt_meta.order_id=4711' is quick",
    ],
  ],
  exitCodes: [
    ["0", "shown, or done"],
    unexpected,
    wrong,
    storeRefused,
    ["4", "the database could not be reached, or failed"],
    busy,
  ],
};

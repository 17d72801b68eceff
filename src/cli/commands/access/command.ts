import { roles } from "../../../access/roles.js";
import { serveSettings } from "../../../config/setting-names.js";
import {
  type Declaration,
  type Given,
  optional,
  required,
  settings,
  value,
} from "../declaration.js";
import { busy, unexpected, wrong } from "../exit-codes.js";
import { configOption, listingFormatOption } from "../shared-options.js";

const accessArguments = {
  action: required("add, list or remove", ["add", "list", "remove"] as const),
  name: optional("what the key is called, in the log of serve too"),
};

const options = {
  role: value(
    "--role <NAME>",
    "with add: what the key is for; search and admin may search (default: search)",
    roles,
  ),
  format: { ...listingFormatOption, help: `with list: ${listingFormatOption.help}` },
  config: configOption(
    "ini file with Store and Access (default: ./sparkpost.ini, then ~/.config/sparky-events/)",
  ),
  ...settings(serveSettings.access, {
    ...serveSettings.store,
    help: "the store that the file lies beside (default: events.duckdb)",
  }),
};

export type AccessGiven = Given<typeof accessArguments, typeof options>;

export const accessCommand: Declaration = {
  arguments: accessArguments,
  options,
  examples: [
    ["sparky-events access add nightly-report", "print a key, which is shown this once"],
    ["sparky-events access list", "names, roles and days; the keys are not kept"],
    ["sparky-events access remove nightly-report", "from now on, the server refuses it"],
  ],
  exitCodes: [["0", "done"], unexpected, wrong, busy],
};

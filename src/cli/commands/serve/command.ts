import { mainSettings, serveSettings } from "../../../config/setting-names.js";
import { type Declaration, type Given, settings } from "../declaration.js";
import { busy, storeRefused, unexpected, wrong } from "../exit-codes.js";
import { configOption, quietOption, verboseOption } from "../shared-options.js";

const options = {
  config: configOption(),
  quiet: quietOption,
  verbose: { ...verboseOption, help: "print details of errors" },
  ...settings(...Object.values(serveSettings), mainSettings.logFormat),
};

export type ServeGiven = Given<Record<never, never>, typeof options>;

export const serveCommand: Declaration = {
  arguments: {},
  options,
  examples: [
    ["sparky-events access add me", "a key, which every search needs"],
    ["sparky-events serve --store events.duckdb", "then, in another terminal:"],
    [
      "SPARKPOST_API_KEY=KEY sparky-events yesterday --host http://127.0.0.1:8026",
      "export from it",
    ],
    [
      "sparky-events serve --listen 0.0.0.0:443 --tls-cert cert.pem --tls-key key.pem",
      "for other machines",
    ],
  ],
  exitCodes: [
    ["0", "stopped by Ctrl-C or SIGTERM, after what was running"],
    unexpected,
    ["2", `${wrong[1]}, or the address is in use`],
    storeRefused,
    ["4", "the database could not be reached"],
    busy,
  ],
};

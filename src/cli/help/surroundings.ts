import type { Entry } from "./guide.js";

/** Files that users see, and what they are. */
export const files: readonly Entry[] = [
  ["./sparkpost.ini", "settings and the API key; --config names another file"],
  [
    "~/.config/sparky-events/sparkpost.ini",
    "the same, where there is none in the working folder; $XDG_CONFIG_HOME may stand for ~/.config",
  ],
  [
    "NAME.partial",
    "a folder beside the output NAME, with what has arrived of an interrupted export; --resume goes on from it",
  ],
  ["NAME.incomplete", "what arrived of an export that ended with exit code 5"],
  [
    "./sparkpost-events",
    "the archive of sync: a file per day, and manifest.json, which describes them",
  ],
];

/** Environment variables that change what a command does. */
export const environment: readonly Entry[] = [
  ["SPARKPOST_API_KEY", "the API key; wins over sparkpost.ini"],
  ["SPARKPOST_API_KEY_FILE", "a file that holds the API key alone; wins over sparkpost.ini"],
  ["HTTPS_PROXY, NO_PROXY", "a proxy, and the hosts that are reached without it"],
  ["NODE_EXTRA_CA_CERTS", "a file of certificates to trust, such as those of a proxy"],
  ["NO_COLOR", "set to anything: print without colours, as --no-color does"],
  ["XDG_CONFIG_HOME", "where the folder sparky-events with a sparkpost.ini is looked for"],
  ["TMPDIR", "where demo puts its file"],
];

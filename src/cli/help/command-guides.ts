/** What help and manual tell of a command, besides its arguments and options. */
export interface CommandGuide {
  /** Help of options that mean something of their own here, by name. */
  readonly options?: Readonly<Record<string, string>>;
  readonly examples: readonly Entry[];
  readonly topics?: readonly Topic[];
  /** Exit codes and when they occur. */
  readonly exitCodes: readonly Entry[];
}

/** A term and what it means. */
export type Entry = readonly [term: string, meaning: string];

export interface Topic {
  readonly title: string;
  /** A line break ends a paragraph. */
  readonly text: string;
}

/** The command that runs where none is named. */
export const mainCommand = "export";

const unexpected: Entry = ["1", "the disk is full, or a bug"];
const wrong: Entry = ["2", "the command line, or sparkpost.ini, is wrong"];
const rejected: Entry = [
  "2",
  "the command line, or sparkpost.ini, is wrong, or SparkPost rejected the request",
];
const keyRefused: Entry = ["3", "SparkPost refused the API key"];
const notReached: Entry = ["4", "SparkPost could not be reached, or kept failing: try again later"];
const busy: Entry = ["75", "another run is at work there; nothing was changed"];
const interrupted: Entry = ["129, 130, 143", "interrupted: terminal closed, Ctrl-C, SIGTERM"];

const withLive = {
  config: "with --live: ini file (default: ./sparkpost.ini, then ~/.config/sparky-events/)",
  host: "with --live: the host to ask (default: api.sparkpost.com)",
  timeout: "with --live: longest silence of one request, 10s at most (default: 10s)",
};
const liveExitCodes: readonly Entry[] = [
  ["0", "listed"],
  unexpected,
  wrong,
  ["3", "with --live: SparkPost refused the API key"],
  ["4", "with --live: SparkPost could not be reached"],
];

/** By name of the command. */
export const commandGuides: Readonly<Record<string, CommandGuide>> = {
  [mainCommand]: {
    examples: [
      ["sparky-events yesterday", "yesterday, into a file here"],
      ["sparky-events 2026-11-17 2026-11-19", "three days, both ends included"],
      ["sparky-events 24h now --events bounce -o -", "the last day's bounces, to a pipe"],
      ["sparky-events yesterday -o yesterday.xlsx", "a workbook, for a spreadsheet"],
      ["sparky-events today --campaigns spring", "one campaign"],
    ],
    topics: [
      {
        title: "Times",
        text: "Times are read in --timezone and name the whole unit they are written in: 2026-11-19, 2026-11-19T08, 2026-11-19T08:30, 2026-11-19T08:30Z; today, yesterday, now; or so long ago: 90m, 24h, 7d. SparkPost keeps 10 days; 10d is all of it, and a start before that is refused without --allow-expired.",
      },
      {
        title: "Lists",
        text: "A LIST has commas between its values; one with a comma in it goes into double quotes. @FILE in a LIST stands for the lines of a file, one value each; a value that begins with @ goes into double quotes.\nIn a shell: --subjects '\"Hi, Ann\"'",
      },
      {
        title: "API key and settings",
        text: "The API key goes into sparkpost.ini, which sparky-events init writes, or into the environment variable SPARKPOST_API_KEY, or into a file of its own that SPARKPOST_API_KEY_FILE names. Lasting settings go into sparkpost.ini too.",
      },
    ],
    exitCodes: [
      ["0", "every event that matched is in the file"],
      unexpected,
      rejected,
      keyRefused,
      notReached,
      ["5", "not the events that SparkPost counted: some are missing, or came twice"],
      ["6", "days are lost for good (sync, status)"],
      busy,
      ["129, 130, 143", "interrupted: terminal closed, Ctrl-C, SIGTERM; --resume goes on"],
      ["141", "the reader of the pipe went away"],
    ],
  },
  count: {
    options: {
      events: "event types to count, such as bounce,out_of_band (default: all)",
      timezone: "zone of <from> and <to>, such as Europe/Berlin (default: UTC)",
      "allow-expired": "count what is left of a range that SparkPost no longer has all of",
    },
    examples: [
      ["sparky-events count yesterday", "what happened yesterday"],
      ["sparky-events count 24h now --campaigns spring", "to one campaign"],
      ["sparky-events count 7d now --bounce-classes hard", "in seven days, which bounced for good"],
      ["sparky-events count yesterday --format csv", "for a program"],
    ],
    topics: [
      { title: "Requests", text: "It asks for numbers only, with a request per event type." },
    ],
    exitCodes: [["0", "counted"], unexpected, rejected, keyRefused, notReached, interrupted],
  },
  sync: {
    options: {
      events: "event types of the archive, such as bounce,out_of_band (default: all)",
      timezone:
        "zone of the days, and of the times in the files, such as Europe/Berlin (default: UTC)",
      keep: "delete files older than so many days, of those that the manifest lists (default: never)",
    },
    examples: [
      ["sparky-events sync", "the last 10 days, into ./sparkpost-events"],
      ["sparky-events sync /srv/mail --gzip", "another folder, compressed files"],
      ["sparky-events sync --layout hive --keep 400", "for DuckDB and the like; 400 days of it"],
      ["sparky-events sync --include-today", "with what there is of today"],
    ],
    exitCodes: [
      ["0", "the archive is complete"],
      unexpected,
      rejected,
      keyRefused,
      ["4", "SparkPost could not be reached, or kept failing; the next run goes on"],
      ["5", "SparkPost's counts do not fit a file"],
      ["6", "days are missing that SparkPost no longer has"],
      busy,
      ["129, 130, 143", "interrupted: terminal closed, Ctrl-C, SIGTERM; the next run goes on"],
    ],
  },
  status: {
    options: {
      config:
        "ini file with Settle and Keep (default: ./sparkpost.ini, then ~/.config/sparky-events/)",
      settle: "how long after its end a day is expected to be there, as for sync (default: 15m)",
      keep: "days after which sync deletes files, so that they are not missed (default: never)",
    },
    examples: [
      ["sparky-events status", "what is in ./sparkpost-events, and what is missing"],
      ["sparky-events status /srv/mail --verify", "read every file, too"],
      ["sparky-events status --format json", "for a program"],
    ],
    exitCodes: [
      ["0", "everything is there, as it was written"],
      unexpected,
      wrong,
      ["4", "files are missing, and the next sync can mend that"],
      ["5", "a file is not the one that was written, or the manifest is lost"],
      ["6", "files are missing that SparkPost no longer has"],
    ],
  },
  init: {
    examples: [
      ["sparky-events init", "asks, tries the key, and writes sparkpost.ini here"],
      ["sparky-events init -c eu.ini", "another file, for another account"],
      ["sparky-events init < /dev/null", "asks nothing; writes an example with comments"],
    ],
    exitCodes: [
      ["0", "the file is written, or was left as it is when asked"],
      unexpected,
      ["2", "the file is there already, or cannot be written"],
      interrupted,
    ],
  },
  check: {
    options: {
      timezone: "zone to check, such as Europe/Berlin (default: UTC)",
      timeout: "longest silence of one request, 10s at most (default: 10s)",
    },
    examples: [
      ["sparky-events check", "what an export here would use, and whether it works"],
      ["sparky-events check --host api.eu.sparkpost.com", "is it an EU account?"],
    ],
    exitCodes: [
      ["0", "everything is ready for an export"],
      unexpected,
      rejected,
      keyRefused,
      ["4", "SparkPost could not be reached"],
    ],
  },
  types: {
    options: withLive,
    examples: [
      ["sparky-events types", "what --events can name"],
      ["sparky-events types --live", "what SparkPost has today; * is new"],
      ["sparky-events types --format json", "with the properties of each, for a program"],
    ],
    exitCodes: liveExitCodes,
  },
  properties: {
    options: withLive,
    examples: [
      ["sparky-events properties", "what --properties can name"],
      ["sparky-events properties bounce", "what a bounce has"],
      ["sparky-events properties --live", "what SparkPost has today; * is new"],
      ["sparky-events properties --format csv", "for a spreadsheet"],
    ],
    exitCodes: liveExitCodes,
  },
  "bounce-classes": {
    examples: [
      ["sparky-events bounce-classes", "what bounce_class 10 means"],
      ["sparky-events bounce-classes --format csv", "for a spreadsheet"],
    ],
    exitCodes: [["0", "listed"], unexpected, wrong],
  },
  schedule: {
    options: {
      config:
        "ini file of the runs (default: ./sparkpost.ini, then ~/.config/sparky-events/, as found now)",
    },
    examples: [
      ["(crontab -l; sparky-events schedule cron) | crontab -", "every night, by cron"],
      ["sparky-events schedule systemd > nightly.sh", "a script that installs a timer"],
      ["sparky-events schedule cron /srv/mail --at 04:30", "another folder, another time"],
    ],
    exitCodes: [["0", "printed"], unexpected, wrong],
  },
  sandbox: {
    examples: [
      ["sparky-events sandbox", "then, in another terminal:"],
      [
        "SPARKPOST_API_KEY=sandbox sparky-events yesterday --host http://127.0.0.1:8025",
        "export from it",
      ],
      ["sparky-events sandbox --rate-limit 1 --fail-rate 0.2", "a bad day"],
    ],
    exitCodes: [
      ["0", "stopped by Ctrl-C"],
      unexpected,
      ["2", "the command line is wrong, or the port is in use"],
    ],
  },
  demo: {
    examples: [["sparky-events demo", "see an export work, without an account"]],
    exitCodes: [["0", "exported"], unexpected, interrupted],
  },
  completion: {
    examples: [
      ['eval "$(sparky-events completion bash)"', "in ~/.bashrc"],
      ['eval "$(sparky-events completion zsh)"', "in ~/.zshrc, below compinit"],
      [
        "sparky-events completion fish > ~/.config/fish/completions/sparky-events.fish",
        "once, for fish",
      ],
    ],
    exitCodes: [["0", "printed"], unexpected, wrong],
  },
};

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

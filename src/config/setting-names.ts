import { type SearchFilterName, searchFilters } from "../api/search-filters.js";

/**
 * Every setting that the ini file and the command line share, in one table. It is free of the
 * code that reads values, so that help texts need not load that.
 */
export interface SettingName {
  /** Key in the ini file. */
  readonly key: string;
  /** Name of the option, without dashes; absent for what must not stand on a command line. */
  readonly option?: string;
  readonly short?: string;
  /** Absent for a setting that is yes or no, and has an option with and one without `no-`. */
  readonly placeholder?: string;
  /** Of the two options of such a setting, the one that help shows: what is not the default. */
  readonly shown?: "yes" | "no";
  readonly help?: string;
  /** What can be written, where that is one of a few words. */
  readonly values?: readonly string[];
}

export const mainSettings = {
  apiKey: { key: "Authorization" },
  events: {
    key: "Events",
    option: "events",
    short: "e",
    placeholder: "LIST",
    help: "event types, such as bounce,out_of_band (default: all)",
  },
  format: {
    key: "Format",
    option: "format",
    placeholder: "NAME",
    help: "csv; jsonl: an event per line, as SparkPost sends it; or parquet (default: csv)",
    values: ["csv", "jsonl", "parquet"],
  },
  properties: {
    key: "Properties",
    option: "properties",
    short: "p",
    placeholder: "LIST",
    help: "columns: properties, paths such as rcpt_meta.order.id, AS to rename, * for all, event for an event's JSON",
  },
  timestampFormat: {
    key: "TimestampFormat",
    option: "timestamp-format",
    placeholder: "FORMAT",
    help: "iso, spreadsheet, epoch or raw (default: iso)",
    values: ["iso", "spreadsheet", "epoch", "raw"],
  },
  excel: {
    key: "Excel",
    option: "excel",
    shown: "yes",
    help: "a file for spreadsheets: BOM, quoted text, CRLF, spreadsheet times",
  },
  csvDelimiter: {
    key: "CsvDelimiter",
    option: "csv-delimiter",
    placeholder: "NAME",
    help: "between two fields: comma, semicolon, pipe or tab (default: comma)",
    values: ["comma", "semicolon", "pipe", "tab"],
  },
  escapeFormulas: {
    key: "EscapeFormulas",
    option: "escape-formulas",
    shown: "no",
    help: "write text exactly, also what a spreadsheet would run as a formula",
  },
  timezone: {
    key: "Timezone",
    option: "timezone",
    short: "z",
    placeholder: "ZONE",
    help: "zone of <from>, <to> and the times in the file, such as Europe/Berlin (default: UTC)",
  },
  host: {
    key: "Host",
    option: "host",
    placeholder: "HOST",
    help: "api.sparkpost.com (US, default), api.eu.sparkpost.com (EU), or another",
  },
  splitRows: {
    key: "SplitRows",
    option: "split-rows",
    placeholder: "N",
    help: "at most N rows per file, further ones in NAME-2.csv, NAME-3.csv, … (0: one file)",
  },
  allowExpired: {
    key: "AllowExpired",
    option: "allow-expired",
    shown: "yes",
    help: "export what is left of a range that SparkPost no longer has all of",
  },
  retention: {
    key: "Retention",
    option: "retention",
    placeholder: "DURATION",
    help: "how long a host of your own keeps events, such as 400d, or unlimited (default: 10d)",
  },
  api: {
    key: "Api",
    option: "api",
    placeholder: "NAME",
    help: "events, or message-events for the legacy API of on-premises hosts (default: events)",
    values: ["events", "message-events"],
  },
  perPage: {
    key: "PerPage",
    option: "per-page",
    placeholder: "N",
    help: "events per request, 1 to 10000 (default: 10000)",
  },
  concurrency: {
    key: "Concurrency",
    option: "concurrency",
    placeholder: "N",
    help: "requests at once, 1 to 32; 1 is strictly one after the other (default: 4)",
  },
  timeout: {
    key: "Timeout",
    option: "timeout",
    placeholder: "DURATION",
    help: "longest silence of one request, such as 90s (default: 60s)",
  },
  giveUpAfter: {
    key: "GiveUpAfter",
    option: "give-up-after",
    placeholder: "DURATION",
    help: "how long to keep trying when nothing succeeds (default: 15m)",
  },
  maxBody: {
    key: "MaxBody",
    option: "max-body",
    placeholder: "SIZE",
    help: "largest answer that is received, unpacked, such as 500MB (default: 1GB)",
  },
  logFormat: {
    key: "LogFormat",
    option: "log-format",
    placeholder: "FORMAT",
    help: "text, or json: one object per line on standard error (default: text)",
    values: ["text", "json"],
  },
} as const satisfies Record<string, SettingName>;

/** Settings of `sync` alone. */
export const syncSettings = {
  by: {
    key: "By",
    option: "by",
    placeholder: "PERIOD",
    help: "a file per day or per hour (default: day)",
    values: ["day", "hour"],
  },
  layout: {
    key: "Layout",
    option: "layout",
    placeholder: "NAME",
    help: "flat (2026-11-19.csv) or hive (date=2026-11-19/events.csv.gz) (default: flat; hive for parquet)",
    values: ["flat", "hive"],
  },
  gzip: {
    key: "Gzip",
    option: "gzip",
    shown: "yes",
    help: "compress the files (default with --layout hive)",
  },
  settle: {
    key: "Settle",
    option: "settle",
    placeholder: "DURATION",
    help: "how long after its end a day counts as complete (default: 15m)",
  },
  keep: {
    key: "Keep",
    option: "keep",
    placeholder: "DAYS",
    help: "delete what is older than so many days: files that the manifest lists, or events of a database (default: never)",
  },
  hookOk: {
    key: "HookOk",
    option: "hook-ok",
    placeholder: "URL",
    help: "asked for (GET) at the end of a run that went well",
  },
  hookFail: {
    key: "HookFail",
    option: "hook-fail",
    placeholder: "URL",
    help: "asked for (GET) at the end of a run that did not",
  },
} as const satisfies Record<string, SettingName>;

/** Settings of `serve`, and of `access` for some. */
export const serveSettings = {
  store: {
    key: "Store",
    option: "store",
    placeholder: "STORE",
    help: "DuckDB file, or address of a PostgreSQL database (default: events.duckdb)",
  },
  listen: {
    key: "Listen",
    option: "listen",
    placeholder: "ADDRESS",
    help: "address and port; port 0 takes a free one (default: 127.0.0.1:8026)",
  },
  access: {
    key: "Access",
    option: "access",
    placeholder: "FILE",
    help: "file with the keys (default: beside the store, as events.duckdb.access)",
  },
  tlsCert: {
    key: "TlsCert",
    option: "tls-cert",
    placeholder: "FILE",
    help: "certificate with its chain, PEM; read again when it is renewed",
  },
  tlsKey: {
    key: "TlsKey",
    option: "tls-key",
    placeholder: "FILE",
    help: "private key of that certificate, PEM",
  },
  behindProxy: {
    key: "BehindProxy",
    option: "behind-proxy",
    shown: "yes",
    help: "a proxy in front of it does TLS, and says in X-Forwarded-For who asks",
  },
  mostPerPage: {
    key: "MostPerPage",
    option: "most-per-page",
    placeholder: "N",
    help: "largest page, in events (default: 10000)",
  },
  queryTime: {
    key: "QueryTime",
    option: "query-time",
    placeholder: "DURATION",
    help: "longest search, such as 2m (default: 30s)",
  },
  searches: {
    key: "Searches",
    option: "searches",
    placeholder: "N",
    help: "searches at once; others wait (default: 4)",
  },
} as const satisfies Record<string, SettingName>;

export interface FilterSetting extends Required<Omit<SettingName, "short" | "shown" | "values">> {
  readonly filter: SearchFilterName;
  /** Whether the filter finds whole words of a longer text. */
  readonly byKeyword: boolean;
}

export const filterSettings: readonly FilterSetting[] = searchFilters.map(
  ({ name, match, values }) => ({
    filter: name,
    key: name.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    option: name.replaceAll("_", "-"),
    placeholder: "LIST",
    help: values,
    byKeyword: match !== "exact",
  }),
);

export const settingNames: readonly SettingName[] = [
  ...Object.values(mainSettings),
  ...Object.values(syncSettings),
  ...Object.values(serveSettings),
  ...filterSettings,
];

/** What people call a setting elsewhere, without dashes and in lower case. */
export const otherNames: ReadonlyMap<string, SettingName> = new Map<string, SettingName>([
  ["apikey", mainSettings.apiKey],
  ["key", mainSettings.apiKey],
  ["token", mainSettings.apiKey],
  ["tz", mainSettings.timezone],
  ["zone", mainSettings.timezone],
  ["columns", mainSettings.properties],
  ["fields", mainSettings.properties],
  ["types", mainSettings.events],
  ["eventtypes", mainSettings.events],
  ["region", mainSettings.host],
  ["url", mainSettings.host],
]);

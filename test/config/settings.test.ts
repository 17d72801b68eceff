import { describe, expect, test } from "vitest";
import { resolveApiKey } from "../../src/config/api-key.js";
import { parseIni } from "../../src/config/ini-file.js";
import { filterSettings, settingNames } from "../../src/config/setting-names.js";
import { resolveSettings } from "../../src/config/settings.js";

function resolve(ini: string, options: Record<string, string> = {}) {
  return resolveSettings({
    options,
    ini: { name: "a.ini", entries: parseIni(`[SparkPost]\n${ini}`, "a.ini") },
  });
}

const defaultFormat = {
  timestampFormat: "iso",
  delimiter: ",",
  recordDelimiter: "\n",
  byteOrderMark: false,
  quoteText: false,
  escapeFormulas: true,
};

/** Columns that are properties. */
function columnsOf(...properties: string[]) {
  return properties.map((name) => ({ header: name, path: [name] }));
}

/** As the users of the older Python tool have it. */
const olderIni = `Authorization = 0123456789abcdef0123456789abcdef01234567
Host = api.eu.sparkpost.com

# Blank means all types
Events =
Properties = timestamp,type,
    rcpt_to, bounce_class,
    raw_reason
Timezone = America/New_York
`;

const defaultSync = {
  by: "day",
  layout: "flat",
  gzip: false,
  settle: 15 * 60_000,
  keep: undefined,
};

describe("settings", () => {
  test("come from an ini file of the older tool as it is", () => {
    const { settings, warnings } = resolve(olderIni);
    expect({ ...settings, zone: settings.zone.name, warnings }).toEqual({
      origin: "https://api.eu.sparkpost.com",
      api: "events",
      events: [],
      columns: columnsOf("timestamp", "type", "rcpt_to", "bounce_class", "raw_reason"),
      format: defaultFormat,
      excel: false,
      splitRows: undefined,
      sync: defaultSync,
      filters: {},
      zone: "America/New_York",
      perPage: 10_000,
      concurrency: 4,
      timeout: 60_000,
      giveUpAfter: 900_000,
      maxBody: 1_000_000_000,
      allowExpired: false,
      retention: 864_000_000,
      warnings: [],
    });
  });

  test("that are absent or blank have their defaults", () => {
    for (const ini of [
      "",
      "Host =\nEvents =\nProperties =\nTimezone =\nPerPage =\nTimeout =\nApi =",
    ]) {
      const { settings } = resolve(ini);
      expect({ ...settings, zone: settings.zone.name }).toEqual({
        origin: "https://api.sparkpost.com",
        api: "events",
        events: [],
        columns: undefined,
        format: defaultFormat,
        excel: false,
        splitRows: undefined,
        sync: defaultSync,
        filters: {},
        zone: "UTC",
        perPage: 10_000,
        concurrency: 4,
        timeout: 60_000,
        giveUpAfter: 900_000,
        maxBody: 1_000_000_000,
        allowExpired: false,
        retention: 864_000_000,
      });
    }
  });

  test("from the command line win over those from the file", () => {
    const { settings } = resolve(
      "Events = bounce\nProperties = type\nTimezone = UTC\nPerPage = 5\nConcurrency = 3\nTimeout = 1s\nGiveUpAfter = 1m\nMaxBody = 20MB\nAllowExpired = no\nRetention = 20d\nCampaigns = a",
      {
        events: "click,open",
        properties: "timestamp",
        timezone: "Asia/Tokyo",
        "per-page": "7",
        concurrency: "2",
        timeout: "2s",
        "give-up-after": "2m",
        "max-body": "1.5 gb",
        "allow-expired": "yes",
        retention: "unlimited",
        campaigns: "b",
        host: "localhost:1",
      },
    );
    expect({ ...settings, zone: settings.zone.name }).toEqual({
      origin: "https://localhost:1",
      api: "events",
      events: ["click", "open"],
      columns: columnsOf("timestamp"),
      format: defaultFormat,
      excel: false,
      splitRows: undefined,
      sync: defaultSync,
      filters: { campaigns: ["b"] },
      zone: "Asia/Tokyo",
      perPage: 7,
      concurrency: 2,
      timeout: 2_000,
      giveUpAfter: 120_000,
      maxBody: 1_500_000_000,
      allowExpired: true,
      retention: Number.POSITIVE_INFINITY,
    });
  });

  test("lists tolerate repetitions and empty items", () => {
    const { settings } = resolve(
      "Properties = type,, timestamp , type,\n  subject,\nEvents = ,bounce,",
    );
    expect(settings.columns).toEqual(columnsOf("type", "timestamp", "subject"));
    expect(settings.events).toEqual(["bounce"]);
  });

  test("include every filter of the API, in any spelling of its name", () => {
    for (const { key, option, filter } of filterSettings.filter(
      ({ option }) => option !== "ab-test-versions",
    )) {
      for (const spelling of [key, key.toUpperCase(), filter, option]) {
        expect(resolve(`${spelling} = 10, 30`).settings.filters).toEqual({
          [filter]: ["10", "30"],
        });
      }
      expect(resolve("", { [option]: "50" }).settings.filters).toEqual({ [filter]: ["50"] });
    }
  });

  test("excel stands for a format, and what is said explicitly wins", () => {
    const excel = {
      ...defaultFormat,
      timestampFormat: "spreadsheet",
      recordDelimiter: "\r\n",
      byteOrderMark: true,
      quoteText: true,
    };
    const formatOf = (ini: string, options: Record<string, string> = {}) =>
      resolve(ini, options).settings.format;
    expect(formatOf("Excel = yes")).toEqual(excel);
    expect(formatOf("", { excel: "yes" })).toEqual(excel);
    expect(formatOf("Excel = yes", { excel: "no" })).toEqual(defaultFormat);
    expect(formatOf("Excel = yes\nTimestampFormat = ISO\nCsvDelimiter = ;")).toEqual({
      ...excel,
      timestampFormat: "iso",
      delimiter: ";",
    });
    expect(formatOf("EscapeFormulas = no")).toEqual({ ...defaultFormat, escapeFormulas: false });
    expect(formatOf("EscapeFormulas = no", { "escape-formulas": "yes" })).toEqual(defaultFormat);
  });

  test.each([
    ...["yes", "YES", "true", "on", "1"].map((word) => [word, true] as const),
    ...["no", "No", "false", "off", "0"].map((word) => [word, false] as const),
  ])("yes or no may be written %s", (word, answer) => {
    expect(resolve(`Excel = ${word}`).settings.format.byteOrderMark).toBe(answer);
  });

  test.each([
    [",", ","],
    ["comma", ","],
    [";", ";"],
    ["semicolon", ";"],
    ["tab", "\t"],
    ["Tab", "\t"],
    ["\t", "\t"],
    ["\\t", "\t"],
    ["|", "|"],
  ])("the delimiter may be written %j", (name, delimiter) => {
    expect(resolve("", { "csv-delimiter": name }).settings.format.delimiter).toBe(delimiter);
  });

  test("of types and properties that nobody documents are used, with a warning", () => {
    const { settings, warnings } = resolve("Events = bonce, fax\nProperties = campain_id", {
      properties: "campain_id, rcpt_mata.order.id, quux, rcpt_meta.quux, geo_ip.country",
    });
    expect(settings.events).toEqual(["bonce", "fax"]);
    expect(settings.columns?.map(({ header }) => header)).toEqual([
      "campain_id",
      "rcpt_mata.order.id",
      "quux",
      "rcpt_meta.quux",
      "geo_ip.country",
    ]);
    expect(warnings).toEqual([
      "a.ini, line 2: Events: bonce: did you mean bounce? It is asked for as it is.",
      "a.ini, line 2: Events: fax: SparkPost documents no such event type. It is asked for as it is.",
      "--properties: campain_id: did you mean campaign_id?",
      "--properties: rcpt_mata.order.id: did you mean rcpt_meta.order.id?",
      "--properties: quux: SparkPost documents no such property.",
    ]);
  });

  test("that are not known are named, with the nearest that is", () => {
    expect(resolve("Propertys = type\nColour = red").warnings).toEqual([
      "a.ini, line 2: there is no setting Propertys; it is ignored. Did you mean Properties?",
      "a.ini, line 3: there is no setting Colour; it is ignored.",
    ]);
  });

  test.each<[string, Record<string, string>, string]>([
    ["PerPage = 0", {}, 'a.ini, line 2: PerPage: "0" is not a number from 1 to 10000.'],
    ["PerPage = 1e3", {}, 'a.ini, line 2: PerPage: "1e3" is not a number from 1 to 10000.'],
    ["MaxBody = 1000", {}, 'a.ini, line 2: MaxBody: "1000" has no unit.'],
    ["", { "max-body": "10kB" }, '--max-body: "10kB" is too small.'],
    ["", { "per-page": "-1" }, '--per-page: "-1" is not a number from 1 to 10000.'],
    ["Concurrency = 33", {}, 'a.ini, line 2: Concurrency: "33" is not a number from 1 to 32.'],
    ["Excel = maybe", {}, 'a.ini, line 2: Excel: "maybe" is neither yes nor no.'],
    [
      "TimestampFormat = unix",
      {},
      'a.ini, line 2: TimestampFormat: there is no timestamp format "unix".',
    ],
    ["CsvDelimiter = ::", {}, 'a.ini, line 2: CsvDelimiter: "::" is not a delimiter.'],
    ["", { "csv-delimiter": "constructor" }, '--csv-delimiter: "constructor" is not a delimiter.'],
    ["", { "csv-delimiter": "" }, '--csv-delimiter: "" is not a delimiter.'],
    [
      "Properties = type,\n  rcpt_meta..id",
      {},
      "a.ini, line 2: Properties: column 2, rcpt_meta..id: a name is missing beside the dot.",
    ],
    [
      "",
      { properties: "subject, rcpt_meta.x AS subject" },
      '--properties: Two columns are called "subject".',
    ],
    ["Api = old", {}, 'a.ini, line 2: Api: there is no API "old".'],
    [
      "Host = api.sparkpost.com/api/v1",
      {},
      'a.ini, line 2: Host: "api.sparkpost.com/api/v1" has a path; only the host is wanted.',
    ],
    [
      "Host = http://example.com",
      {},
      'a.ini, line 2: Host: "http://example.com" would send the API key unencrypted.',
    ],
    [
      "Host = https://me:secret@example.com",
      {},
      "a.ini, line 2: Host: a host cannot hold a user name or a password.",
    ],
    [
      "Host = ftp://example.com",
      {},
      'a.ini, line 2: Host: "ftp://example.com" does not start with https://.',
    ],
    ["Host = a b", {}, 'a.ini, line 2: Host: "a b" is not a host.'],
    ["AbTestVersions = 1", {}, "A/B test versions are given without an A/B test."],
  ])("%j with %j are refused", (ini, options, message) => {
    expect(() => resolve(ini, options)).toThrow(message);
  });

  test.each([
    ["example.com", "https://example.com"],
    ["example.com:8443", "https://example.com:8443"],
    ["https://example.com:443/", "https://example.com"],
    ["http://127.0.0.1:8025", "http://127.0.0.1:8025"],
    ["http://localhost:8025", "http://localhost:8025"],
    ["http://[::1]:8025", "http://[::1]:8025"],
  ])("the host may be written as %s", (host, origin) => {
    expect(resolve("", { host }).settings.origin).toBe(origin);
  });
});

describe("the API key", () => {
  const ini = (text: string) => ({
    name: "a.ini",
    entries: parseIni(`[SparkPost]\n${text}`, "a.ini"),
  });

  test("from the environment wins", () => {
    expect(resolveApiKey({ options: {}, apiKey: "env", ini: ini("Authorization = file") })).toBe(
      "env",
    );
    expect(resolveApiKey({ options: {}, ini: ini("Authorization = file") })).toBe("file");
  });

  test.each([
    ["Authorization =", "a.ini holds no API key."],
    [
      "Authorization = <YOUR API KEY>",
      "a.ini, line 2: Authorization does not look like an API key.",
    ],
    ['Authorization = "abc"', "a.ini, line 2: Authorization does not look like an API key."],
    ["Authorization = abc\n  def", "a.ini, line 2: Authorization does not look like an API key."],
    ["Authorization = Bearer abc", "a.ini, line 2: Authorization does not look like an API key."],
  ])("%j is refused", (text, message) => {
    expect(() => resolveApiKey({ options: {}, ini: ini(text) })).toThrow(message);
  });
});

test.each(
  settingNames.flatMap(({ key, option = "", values = [] }) =>
    values.map((value) => [key, value, option] as const),
  ),
)("%s takes the word %s", (key, value, option) => {
  const { warnings } = resolve(`${key} = ${value}`);
  expect(warnings).toEqual([]);
  expect(resolve(`${key} = ${value.toUpperCase()}`)).toEqual(resolve("", { [option]: value }));
});

import fc from "fast-check";

/** Arbitrary spellings of JSON: white space, escapes, number literals, keys that come twice. */

const space = fc.oneof(
  { weight: 12, arbitrary: fc.constant("") },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.constantFrom(" ", "\n", "\r", "\t"), { maxLength: 5 })
      .map((spaces) => spaces.join("")),
  },
);

function joined(...parts: readonly (fc.Arbitrary<string> | string)[]): fc.Arbitrary<string> {
  return fc
    .tuple(...parts.map((part) => (typeof part === "string" ? fc.constant(part) : part)))
    .map((texts) => texts.join(""));
}

function list(open: string, item: fc.Arbitrary<string>, close: string, maxLength = 5) {
  return joined(
    open,
    fc
      .array(joined(space, item, space), { maxLength })
      .chain((items) => (items.length === 0 ? space : fc.constant(items.join(",")))),
    close,
  );
}

function hexEscape(unit: number): fc.Arbitrary<string> {
  const digits = unit.toString(16).padStart(4, "0");
  return fc.constantFrom(`\\u${digits}`, `\\u${digits.toUpperCase()}`);
}

/** Strings that a spreadsheet may run, and such that look like it. */
const formula = joined(
  '"',
  fc.constantFrom(
    ..."=+-@＝＋－＠ａé' ",
    ...[
      "\\t",
      "\\r",
      "\\n",
      "\\u003d",
      "\\u002B",
      "\\uff1d",
      "\\uFF20",
      "\\u0009",
      "\\u003c",
      "\\ud83d",
    ],
  ),
  fc.constantFrom("", "1", "1,2;3|4", '\\"', "\\t", "\\n"),
  '"',
);

/** The last one is a quote of CSV, too. */
const shortEscapes = ["\\n", "\\r", "\\t", "\\b", "\\f", '\\"', "\\\\", "\\/", "\\u0001"];

/** A part of a string, as it may stand between quotes. */
const stringPart = fc.oneof(
  { weight: 6, arbitrary: fc.stringMatching(/^[a-z ,.:{}[\]0-9]{0,12}$/) },
  {
    weight: 3,
    arbitrary: fc
      .string({ unit: "binary", maxLength: 4 })
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these cannot stand in a string.
      .map((text) => text.replace(/["\\\u0000-\u001f]/g, "")),
  },
  { weight: 2, arbitrary: fc.constantFrom(...shortEscapes) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff }).chain(hexEscape) },
  { weight: 1, arbitrary: fc.integer({ min: 0xd800, max: 0xdfff }).chain(hexEscape) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0x7f }).chain(hexEscape) },
);

const anyString = joined(
  '"',
  fc.array(stringPart, { maxLength: 5 }).map((parts) => parts.join("")),
  '"',
);

/** A spelling of this very string, with an escape here and there. */
function spellingOf(text: string): fc.Arbitrary<string> {
  const characters = Array.from({ length: text.length }, (_, at) => {
    const plain = JSON.stringify(text[at]).slice(1, -1);
    return fc.oneof(
      { weight: 30, arbitrary: fc.constant(plain) },
      { weight: 1, arbitrary: hexEscape(text.charCodeAt(at)) },
    );
  });
  // JSON.stringify escapes the halves of a pair when they are apart.
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(JSON.stringify(text)) },
    { weight: 1, arbitrary: joined('"', ...characters, '"') },
  );
}

const anyNumber = fc.oneof(
  fc.integer().map(String),
  fc.maxSafeNat().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
  fc.stringMatching(/^-?(0|[1-9]\d{0,20})(\.\d{1,4})?([eE][+-]?\d{1,3})?$/),
);

/** Epoch milliseconds: anything, and near to where clocks are changed. */
const instant = fc.oneof(
  fc.integer({ min: -1e12, max: 5e12 }),
  fc
    .tuple(
      fc.constantFrom(
        "1972-01-07T00:44:30Z", // Africa/Monrovia
        "2006-04-02T03:31:00Z", // America/St_Johns
        "2026-04-04T14:45:00Z", // Pacific/Chatham
        "2026-04-04T15:00:00Z", // Australia/Lord_Howe
        "2026-10-25T01:00:00Z", // Europe
        "2026-11-01T06:00:00Z", // America/New_York
        "2024-02-29T00:00:00Z",
        "9999-12-31T00:00:00Z",
        "2001-09-09T01:46:40Z", // 1,000,000,000 seconds
        "2286-11-20T17:46:40Z", // 10,000,000,000 seconds
      ),
      fc.integer({ min: -7_200_000, max: 7_200_000 }),
    )
    .map(([change, distance]) => Date.parse(change) + distance),
);

/** A time in the forms that are sent, and in some that are not; as JSON. */
const anyTime = fc
  .tuple(
    instant.map((ms) => new Date(ms).toISOString()),
    fc.constantFrom("Z", "+00:00", "+02:00", "-03:30", "+25:00", "-00:00", "", "z"),
    fc.constantFrom("all", "none", "6", "1", "point"),
    fc.constantFrom(...["", "", "", "seconds", "number", "30 February", "space", "hour 24", "60"]),
  )
  .map(([iso, zone, fraction, change]) => {
    if (change === "seconds" || change === "number") {
      const seconds = Date.parse(iso) / 1000;
      const text = fraction === "none" ? String(Math.floor(seconds)) : String(seconds);
      return change === "number" ? text : `"${text}"`;
    }
    const [whole = "", milliseconds = ""] = iso.slice(0, -1).split(".");
    const changed = {
      "30 February": whole.replace(/-\d\d-\d\dT/, "-02-30T"),
      space: whole.replace("T", " "),
      "hour 24": whole.replace(/T\d\d/, "T24"),
      "60": whole.replace(/:\d\d$/, ":60"),
      "": whole,
    }[change];
    const fractions: Record<string, string> = {
      all: `.${milliseconds}`,
      none: "",
      "6": `.${milliseconds}789`,
      "1": `.${milliseconds.slice(0, 1)}`,
      point: ".",
    };
    return `"${changed}${fractions[fraction]}${zone}"`;
  });

const anyScalar = fc.oneof(
  { weight: 4, arbitrary: anyString },
  { weight: 2, arbitrary: formula },
  { weight: 2, arbitrary: anyNumber },
  { weight: 1, arbitrary: fc.constantFrom("true", "false", "null") },
);

/** Few enough names that they meet: as columns, as keys, inside others, and twice in one object. */
export const names = [
  "type",
  "timestamp",
  "injection_time",
  "scheduled_time",
  "event_id",
  "subject",
  "rcpt_meta",
  "results",
  "total_count",
  "links",
  "next",
  "__proto__",
  "constructor",
  "",
  "0",
  "17",
  "01",
  "a,b",
  'a"b',
  "a\u0001b",
  "a\\b",
  "é😀",
  "\ud83d",
  "\ufffd",
];

const key = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...names).chain(spellingOf) },
  { weight: 1, arbitrary: anyString },
);

function member(name: fc.Arbitrary<string>, value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return joined(name, space, ":", space, value);
}

/** Any JSON value. */
export const anyValue = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    { weight: 4, arbitrary: anyScalar },
    { weight: 1, arbitrary: list("[", tie("value"), "]", 4) },
    { weight: 1, arbitrary: list("{", member(key, tie("value")), "}", 4) },
  ),
})).value;

const type = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom("open", "click", "bounce").chain(spellingOf) },
  { weight: 1, arbitrary: anyString },
  { weight: 1, arbitrary: fc.constantFrom("null", "true", "17", "[]") },
);

/** Epoch milliseconds within a few hours. */
export const time = fc
  .integer({ min: 0, max: 10_000_000 })
  .map((offset) => Date.parse("2026-11-19T22:00:00Z") + offset);

const timestamp = fc.oneof(
  { weight: 5, arbitrary: time.map((ms) => new Date(ms).toISOString()).chain(spellingOf) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(
        "2026-11-19T23:59:56Z",
        "2026-11-19T23:10:00.000+00:00",
        "2026-11-19T23:10:00",
        "2026-11-19 23:10:00.5",
        "2026-11-19",
      )
      .chain(spellingOf),
  },
  { weight: 1, arbitrary: fc.constantFrom("null", "17", '"yesterday"', "[]") },
);

/** Some of them longer than a word of eight bytes, and than two. */
const eventId = fc.oneof(
  { weight: 3, arbitrary: fc.uuid().chain(spellingOf) },
  { weight: 2, arbitrary: fc.stringMatching(/^\d{0,20}$/).chain(spellingOf) },
  { weight: 1, arbitrary: anyValue },
);

const timeName = fc.constantFrom("timestamp", "injection_time", "scheduled_time").chain(spellingOf);

const event = list(
  "{",
  fc.oneof(
    { weight: 4, arbitrary: member(key, anyValue) },
    { weight: 1, arbitrary: member(spellingOf("type"), type) },
    { weight: 1, arbitrary: member(spellingOf("timestamp"), timestamp) },
    { weight: 1, arbitrary: member(spellingOf("event_id"), eventId) },
    { weight: 2, arbitrary: member(timeName, anyTime) },
  ),
  "}",
  8,
);

/** Mostly the one, rarely the other. */
function mostly(usual: fc.Arbitrary<string>, odd: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: odd });
}

const results = mostly(list("[", mostly(event, anyValue), "]"), anyValue);

const totalCount = mostly(
  fc.oneof(fc.nat().map(String), fc.constantFrom("7.0", "7e0", "-0", "null")),
  anyValue,
);

const link = mostly(spellingOf("/next?cursor=é"), fc.constantFrom("null", '""', "5", "{}"));
const links = mostly(
  fc.oneof(
    list("{", member(mostly(spellingOf("next"), spellingOf("prev")), link), "}", 2),
    list(
      "[",
      list(
        "{",
        fc.oneof(
          member(spellingOf("rel"), fc.constantFrom('"next"', '"first"')),
          member(spellingOf("href"), link),
        ),
        "}",
        3,
      ),
      "]",
      3,
    ),
  ),
  fc.constantFrom("null", "[5]", '{"next":{"next":"a"}}', "true", '"/next"'),
);

/** Answers, most of them well formed, with the members in any order and some of them twice. */
export const answer = fc
  .tuple(
    member(spellingOf("results"), results),
    fc.array(
      fc.oneof(
        { weight: 2, arbitrary: member(spellingOf("total_count"), totalCount) },
        { weight: 2, arbitrary: member(spellingOf("links"), links) },
        { weight: 1, arbitrary: member(spellingOf("results"), results) },
        { weight: 1, arbitrary: member(spellingOf("other"), anyValue) },
      ),
      { maxLength: 3 },
    ),
  )
  .chain(([first, others]) =>
    fc.shuffledSubarray([first, ...others], { minLength: Math.max(1, others.length) }),
  )
  .chain((members) =>
    joined(
      mostly(fc.constant(""), fc.constant("\ufeff")),
      space,
      "{",
      ...members.flatMap((text, index) => [index === 0 ? space : ",", space, text, space]),
      "}",
      space,
    ),
  );

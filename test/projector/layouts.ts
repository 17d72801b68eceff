import fc from "fast-check";
import {
  type CsvLayout,
  type CsvLayoutParts,
  completeLayout,
  delimiters,
  timestampFormats,
} from "../../src/csv/csv-layout.js";

/** A layout whose columns are properties, and show their names. */
export function layoutOf(
  properties: readonly string[],
  parts: Partial<CsvLayoutParts> = {},
): CsvLayout {
  return completeLayout({
    columns: properties.map((name) => ({ header: name, path: [name] })),
    ...parts,
  });
}

/** Whole hours, half and quarter hours, changes of half an hour, and seconds. */
const zones = [
  "UTC",
  "Europe/Berlin",
  "Europe/London",
  "America/New_York",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "Pacific/Chatham",
  "Australia/Lord_Howe",
  "America/St_Johns",
  "Africa/Monrovia",
];

/** Any layout whose columns have some of these paths, some of them under two names. */
export function anyLayout(path: fc.Arbitrary<readonly string[]>): fc.Arbitrary<CsvLayout> {
  return fc
    .record({
      paths: fc.array(path, { maxLength: 8 }),
      zone: fc.constantFrom(...zones),
      sentZone: fc.constantFrom(...zones),
      timestampFormat: fc.constantFrom(...timestampFormats),
      delimiter: fc.constantFrom(...delimiters),
      recordDelimiter: fc.constantFrom("\n" as const, "\r\n" as const),
      byteOrderMark: fc.boolean(),
      quoteText: fc.boolean(),
      escapeFormulas: fc.boolean(),
      quote: fc.constantFrom(undefined, "\u0001" as const),
    })
    .map(({ paths, ...parts }) =>
      completeLayout({
        columns: paths.map((one, index) => ({ header: `column ${index}`, path: one })),
        ...parts,
      }),
    );
}

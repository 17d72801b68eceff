import { Info, type Zone } from "luxon";
import { UsageError } from "../errors.js";

/** A column and the property that it shows. */
export interface Column {
  /** The column's field in the header record. */
  readonly header: string;
  /**
   * The name of an event's property, then of a member of its value, and so on; where there is an
   * array, an index such as `0`. Empty for the whole event: its JSON as SparkPost sends it, on one line.
   */
  readonly path: readonly string[];
  /** Whether a time is written as SparkPost sends it, whatever the format. Default: false. */
  readonly asSent?: boolean;
}

/**
 * How `timestamp`, `injection_time` and `scheduled_time` are written. `iso`: ISO 8601 with
 * milliseconds and the zone's offset, `Z` in UTC; `spreadsheet`: `2026-11-19 18:59:59` in the zone;
 * `epoch`: Unix seconds with milliseconds; `raw`: as SparkPost sends them.
 */
export type TimestampFormat = (typeof timestampFormats)[number];
export const timestampFormats = ["iso", "spreadsheet", "epoch", "raw"] as const;

/** None of them can be in a number, a boolean or a time, so those never need quotes. */
export type Delimiter = (typeof delimiters)[number];
export const delimiters = [",", ";", "\t", "|"] as const;

/** How values become bytes. */
export interface CsvFormat {
  /** Default: `iso`. */
  readonly timestampFormat: TimestampFormat;
  /** Between two fields. Default: a comma. */
  readonly delimiter: Delimiter;
  /** At the end of each record. Default: LF. */
  readonly recordDelimiter: "\n" | "\r\n";
  /** Whether the file begins with U+FEFF, by which Excel knows UTF-8. Default: false. */
  readonly byteOrderMark: boolean;
  /**
   * Whether text is quoted where it needs no quotes, too: the header and all that is a string, an
   * object or an array in JSON; no numbers, booleans and formatted times. Default: false.
   */
  readonly quoteText: boolean;
  /**
   * Whether text gets an apostrophe where a spreadsheet would run it, or a piece of it, as a formula,
   * whichever delimiter that splits at. Default: true.
   */
  readonly escapeFormulas: boolean;
  /**
   * What fields are quoted with: U+0001, which JSON never holds as it is, so that a field of it has nothing
   * doubled; for files that only this package reads. Absent for `"`.
   */
  readonly quote?: "\u0001" | undefined;
}

/** All that the bytes of a CSV depend on, apart from the events. A plain value: it can be cloned. */
export interface CsvLayout extends CsvFormat {
  readonly columns: readonly Column[];
  /** Name of the zone that times are written in, such as `Europe/Berlin`. */
  readonly zone: string;
  /** Name of the zone of times that are sent without one. */
  readonly sentZone: string;
}

export const defaultFormat: CsvFormat = {
  timestampFormat: "iso",
  delimiter: ",",
  recordDelimiter: "\n",
  byteOrderMark: false,
  quoteText: false,
  escapeFormulas: true,
};

/** What Excel and its kin open right at a double click. */
export const excelFormat = {
  timestampFormat: "spreadsheet",
  recordDelimiter: "\r\n",
  byteOrderMark: true,
  quoteText: true,
} as const satisfies Partial<CsvFormat>;

export type CsvLayoutParts = Pick<CsvLayout, "columns"> & {
  readonly [Name in keyof Omit<CsvLayout, "columns">]?: CsvLayout[Name] | undefined;
};

/**
 * Completes a layout with the defaults; that of either zone is UTC.
 *
 * @throws UsageError where a part has no meaning, or two columns could not be told apart
 */
export function completeLayout(parts: CsvLayoutParts): CsvLayout {
  const layout: CsvLayout = {
    columns: withoutRepetitions(parts.columns),
    zone: parts.zone ?? "UTC",
    sentZone: parts.sentZone ?? "UTC",
    timestampFormat: parts.timestampFormat ?? defaultFormat.timestampFormat,
    delimiter: parts.delimiter ?? defaultFormat.delimiter,
    recordDelimiter: parts.recordDelimiter ?? defaultFormat.recordDelimiter,
    byteOrderMark: parts.byteOrderMark ?? defaultFormat.byteOrderMark,
    quoteText: parts.quoteText ?? defaultFormat.quoteText,
    escapeFormulas: parts.escapeFormulas ?? defaultFormat.escapeFormulas,
    ...(parts.quote !== undefined && { quote: parts.quote }),
  };
  refuseOthers("timestampFormat", layout.timestampFormat, timestampFormats);
  refuseOthers("delimiter", layout.delimiter, delimiters);
  refuseOtherThanBoolean("byteOrderMark", layout.byteOrderMark);
  refuseOtherThanBoolean("quoteText", layout.quoteText);
  refuseOtherThanBoolean("escapeFormulas", layout.escapeFormulas);
  refuseOthers("recordDelimiter", layout.recordDelimiter, ["\n", "\r\n"]);
  refuseOthers("quote", layout.quote ?? "\u0001", ["\u0001"]);
  zoneOf(layout.zone);
  zoneOf(layout.sentZone);
  return layout;
}

export function quoteOf({ quote }: CsvFormat): string {
  return quote ?? '"';
}

/** @throws UsageError where the zone is not known by its name */
export function zoneOf(name: string): Zone {
  const zone = Info.normalizeZone(name);
  if (!zone.isValid) {
    throw new UsageError(`There is no time zone "${name}" to write times in.`, {
      hint: "Use an IANA name such as Europe/Berlin.",
    });
  }
  return zone;
}

/** @throws UsageError where a value is not one of those that are known */
export function refuseOthers(name: string, value: string, known: readonly string[]): void {
  if (!known.includes(value)) {
    const names = known.map((one) => JSON.stringify(one)).join(", ");
    throw new UsageError(`${name} cannot be ${JSON.stringify(value)}: it is one of ${names}.`);
  }
}

function refuseOtherThanBoolean(name: string, value: unknown): void {
  if (typeof value !== "boolean") {
    throw new UsageError(`${name} must be true or false.`);
  }
}

/** The same property may be there under two names, but not two properties under one. */
function withoutRepetitions(columns: readonly Column[]): Column[] {
  const paths = new Map<string, string>();
  return columns.filter(({ header, path }) => {
    const key = JSON.stringify(path);
    const other = paths.get(header);
    if (other !== undefined && other !== key) {
      throw new UsageError(`Two columns are called "${header}".`, {
        hint: 'Give one of them another name: subject AS "my subject".',
      });
    }
    paths.set(header, key);
    return other === undefined;
  });
}

/** Whether a name in a path is the index of an item, where it meets an array. */
export function isIndex(name: string): boolean {
  return /^(?:0|[1-9]\d*)$/.test(name);
}

import type { Zone } from "luxon";
import { parseColumns, unknownColumns } from "../csv/column-list.js";
import {
  type Column,
  type CsvFormat,
  completeLayout,
  type Delimiter,
  defaultFormat,
  delimiters,
  excelFormat,
  type TimestampFormat,
} from "../csv/csv-layout.js";
import { UsageError } from "../errors.js";
import { type FormatName, formatNames } from "../formats/record-format.js";
import { nearest } from "../nearest.js";
import { resolveZone } from "../time/zone.js";
import { withColumnFiles } from "./column-files.js";
import { type FindGiven, type Given, withName } from "./given.js";
import { readYesNo } from "./read-value.js";
import { mainSettings } from "./setting-names.js";
import { readValueFile } from "./value-file.js";

/** What a file of events looks like. */
export interface FileSettings {
  /** Absent where nothing is said. */
  readonly records: FormatName | undefined;
  /** Absent where nothing is said. */
  readonly columns: readonly Column[] | undefined;
  readonly format: CsvFormat;
  /** Whether the file is for Excel and its kin. */
  readonly excel: boolean;
  readonly zone: Zone;
  /** The most rows in a file; 0 for a single file, absent where nothing is said. */
  readonly splitRows: number | undefined;
}

/** @returns the settings, and warnings about what was probably meant otherwise */
export function readFileSettings(find: FindGiven): {
  settings: FileSettings;
  warnings: string[];
} {
  const excel = readYesNo(find(mainSettings.excel), false);
  const properties = readColumnText(find(mainSettings.properties));
  return {
    settings: {
      records: readRecords(find(mainSettings.format)),
      columns: readColumns(properties),
      format: readFormat(find, excel),
      excel,
      zone: readZone(find(mainSettings.timezone)),
      splitRows: readSplitRows(find(mainSettings.splitRows)),
    },
    warnings: unknownProperties(properties),
  };
}

function readRecords(given: Given | undefined): FormatName | undefined {
  const name = formatNames.find((one) => one === given?.value.toLowerCase());
  if (given && !name) {
    throw new UsageError(`${given.name}: there is no format "${given.value}".`, {
      hint: "Write csv, jsonl or parquet. For a workbook, name a file that ends in .xlsx.",
    });
  }
  return name;
}

/** The list of columns, with what is in files in the place of their names. */
function readColumnText(given: Given | undefined): Given | undefined {
  return (
    given && {
      ...given,
      value: withColumnFiles(given.value, (path) =>
        readValueFile(path, given.folder, given).join("\n"),
      ),
    }
  );
}

function readColumns(given: Given | undefined): readonly Column[] | undefined {
  return withName(given, () => {
    const columns = parseColumns(given?.value ?? "");
    return columns.length > 0 ? completeLayout({ columns }).columns : undefined;
  });
}

/** What is said explicitly wins over what `excel` stands for. */
function readFormat(find: FindGiven, excel: boolean): CsvFormat {
  const { timestampFormat, recordDelimiter, byteOrderMark, quoteText } = excel
    ? { ...defaultFormat, ...excelFormat }
    : defaultFormat;
  return {
    timestampFormat: readTimestampFormat(find(mainSettings.timestampFormat), timestampFormat),
    delimiter: readDelimiter(find(mainSettings.csvDelimiter)),
    recordDelimiter,
    byteOrderMark,
    quoteText,
    escapeFormulas: readYesNo(find(mainSettings.escapeFormulas), true),
  };
}

function readTimestampFormat(
  given: Given | undefined,
  otherwise: TimestampFormat,
): TimestampFormat {
  const name = given?.value.toLowerCase();
  const names = mainSettings.timestampFormat.values;
  const format = names.find((one) => one === name);
  if (given && !format) {
    const meant = nearest(given.value, names);
    throw new UsageError(`${given.name}: there is no timestamp format "${given.value}".`, {
      hint: `${meant ? `Did you mean ${meant}? ` : ""}Write iso (2026-11-19T18:59:59.000+01:00), spreadsheet (2026-11-19 18:59:59), epoch (seconds since 1970) or raw (as SparkPost sends it).`,
    });
  }
  return format ?? otherwise;
}

const delimiterNames: ReadonlyMap<string, Delimiter> = new Map([
  ...delimiters.map((delimiter) => [delimiter, delimiter] as const),
  ["comma", ","],
  ["semicolon", ";"],
  ["tab", "\t"],
  ["\\t", "\t"],
  ["pipe", "|"],
]);

function readDelimiter(given: Given | undefined): Delimiter {
  const delimiter = delimiterNames.get(given?.value.toLowerCase() ?? defaultFormat.delimiter);
  if (!delimiter) {
    throw new UsageError(`${given?.name}: "${given?.value}" is not a delimiter.`, {
      hint: "In a shell, ; and | without quotes end the command. Write comma, semicolon, pipe or tab.",
    });
  }
  return delimiter;
}

function readZone(given: Given | undefined): Zone {
  return withName(given, () => resolveZone(given?.value));
}

function readSplitRows(given: Given | undefined): number | undefined {
  if (!given) {
    return undefined;
  }
  const rows = Number(given.value);
  if (!/^\d+$/.test(given.value) || !Number.isSafeInteger(rows)) {
    throw new UsageError(`${given.name}: "${given.value}" is not a number of rows.`, {
      hint: "Write digits only, for example 1000000, or 0 for a single file.",
    });
  }
  return rows;
}

function unknownProperties(given: Given | undefined): string[] {
  return unknownColumns(parseColumns(given?.value ?? "")).map(
    (warning) => `${given?.name}: ${warning}`,
  );
}

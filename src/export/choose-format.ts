import { type CompleteSearch, sentZoneOf } from "../api/search.js";
import { readColumns } from "../csv/column-list.js";
import { type Column, completeLayout, refuseOthers } from "../csv/csv-layout.js";
import { defaultProperties } from "../csv/default-properties.js";
import { UsageError } from "../errors.js";
import { csvFormat } from "../formats/csv-format.js";
import { endingOf, formatOfName } from "../formats/file-name.js";
import { jsonLinesFormat } from "../formats/json-lines-format.js";
import { type FormatName, formatNames, type RecordFormat } from "../formats/record-format.js";
import { refuseOtherFormats } from "../output/output-format.js";
import {
  defaultParquetColumns,
  intermediateColumns,
  parquetFormat,
  refuseUnclearNames,
} from "../parquet/parquet-format.js";
import { refuseTooWide, workbookFormat } from "../workbook/workbook-format.js";
import type { ExportOptions } from "./export-options.js";

interface ChosenFormat {
  readonly format: RecordFormat;
  /** Absent where the output is to be what the format makes of it. */
  readonly product: Product | undefined;
}

/** What is made of the finished CSV. */
export interface Product {
  readonly kind: "workbook" | "parquet";
  readonly columns: readonly Column[];
}

/**
 * The format of an export: the one that is asked for, or else that which the name of its file stands for.
 *
 * @throws UsageError where the two contradict each other, or the output is not for what is to be in it
 */
export function chooseFormat(options: ExportOptions, search: CompleteSearch): ChosenFormat {
  const path = typeof options.output === "string" ? options.output : "";
  refuseOtherFormats(path);
  const zone = search.zone.name;
  const sentZone = sentZoneOf(search).name;
  const records = recordsOf(options.records, path);
  if (records === "jsonl") {
    return { format: jsonLinesFormat(zone, sentZone), product: undefined };
  }
  if (records === "parquet") {
    return parquetOf(options, sentZone);
  }
  const { isWorkbook } = formatOfName(path);
  const layout = completeLayout({
    ...(isWorkbook ? workbookFormat : options.format),
    columns: readColumns(options.columns ?? defaultProperties),
    zone,
    sentZone,
  });
  refuseOtherFormats(path, layout.delimiter);
  if (isWorkbook) {
    refuseTooWide(layout.columns);
    refuseSplitWorkbook(options);
  }
  return {
    format: csvFormat(layout),
    product: isWorkbook ? { kind: "workbook", columns: layout.columns } : undefined,
  };
}

function parquetOf(
  { columns: given, output, splitRows }: ExportOptions,
  sentZone: string,
): ChosenFormat {
  if (typeof output !== "string") {
    throw notToStream();
  }
  if (splitRows !== undefined) {
    throw new UsageError(`A Parquet file is one: --split-rows ${splitRows} is for CSV.`, {
      hint: "Leave it out.",
    });
  }
  const { columns } = completeLayout({
    columns: given ? readColumns(given) : defaultParquetColumns(),
  });
  refuseUnclearNames(columns, false);
  const layout = { ...parquetFormat, columns: intermediateColumns(columns), sentZone };
  return { format: csvFormat(completeLayout(layout)), product: { kind: "parquet", columns } };
}

/** @throws UsageError where what is asked for is not what a name stands for, or no format */
export function recordsOf(asked: FormatName | undefined, path: string): FormatName {
  const named = formatOfName(path);
  if (asked === undefined) {
    return named.records ?? "csv";
  }
  refuseOthers("records", asked, formatNames);
  if (asked === "parquet" && path === "-") {
    throw notToStream();
  }
  // Of those that are written as they come, any file can be.
  const isNamed = named.records !== undefined || (asked === "parquet" && path !== "");
  const isOther = isNamed && named.records !== asked;
  if (named.isWorkbook || isOther) {
    const ending = endingOf[asked] + (named.isGzip ? ".gz" : "");
    throw new UsageError(`--format ${asked}: ${path} is the name of another format.`, {
      hint: `Leave it out, or write a name that ends in ${ending}.`,
    });
  }
  return asked;
}

function notToStream(): UsageError {
  return new UsageError("Parquet can only be a file: its end says what is in it.", {
    hint: "Name a file that ends in .parquet, or write JSON lines: --format jsonl",
  });
}

function refuseSplitWorkbook({ splitRows }: ExportOptions): void {
  if (splitRows !== undefined) {
    throw new UsageError(`A workbook is one file: --split-rows ${splitRows} is for CSV.`, {
      hint: "Leave it out: a workbook begins a new sheet where one is full.",
    });
  }
}

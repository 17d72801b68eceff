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
import { refuseTooWide, workbookFormat } from "../workbook/workbook-format.js";
import type { ExportOptions } from "./export-options.js";

interface ChosenFormat {
  readonly format: RecordFormat;
  /** Absent where the output is no workbook, which is made of CSV with these columns. */
  readonly workbookColumns: readonly Column[] | undefined;
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
  if (recordsOf(options.records, path) === "jsonl") {
    return { format: jsonLinesFormat(zone, sentZone), workbookColumns: undefined };
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
    workbookColumns: isWorkbook ? layout.columns : undefined,
  };
}

/** @throws UsageError where what is asked for is not what a name stands for, or no format */
export function recordsOf(asked: FormatName | undefined, path: string): FormatName {
  const named = formatOfName(path);
  if (asked === undefined) {
    return named.records ?? "csv";
  }
  refuseOthers("records", asked, formatNames);
  if (named.isWorkbook || (named.records !== undefined && named.records !== asked)) {
    const ending = endingOf[asked] + (named.isGzip ? ".gz" : "");
    throw new UsageError(`--format ${asked}: ${path} is the name of another format.`, {
      hint: `Leave it out, or write a name that ends in ${ending}.`,
    });
  }
  return asked;
}

function refuseSplitWorkbook({ splitRows }: ExportOptions): void {
  if (splitRows !== undefined) {
    throw new UsageError(`A workbook is one file: --split-rows ${splitRows} is for CSV.`, {
      hint: "Leave it out: a workbook begins a new sheet where one is full.",
    });
  }
}

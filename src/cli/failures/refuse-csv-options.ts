import { mainSettings, syncSettings } from "../../config/setting-names.js";
import { UsageError } from "../../errors.js";

/** Options by name, with what an output has instead, and with which values of the option it agrees. */
type ForeignOptions = readonly [
  option: string,
  why: string,
  fits: readonly (string | undefined)[],
][];

const { csvDelimiter, timestampFormat, splitRows, properties, excel, escapeFormulas } =
  mainSettings;

/** Of CSV, where a workbook is written. */
export const foreignToWorkbook: ForeignOptions = [
  [csvDelimiter.option, "a workbook has cells", [undefined]],
  [timestampFormat.option, "in a workbook, times are dates", [undefined, "spreadsheet"]],
  [splitRows.option, "a workbook begins a new sheet where one is full", [undefined, "0"]],
];

/** Of CSV, where JSON lines are written. */
export const foreignToLines: ForeignOptions = [
  [properties.option, "a line has the whole event", [undefined]],
  [csvDelimiter.option, "a line is JSON", [undefined]],
  [timestampFormat.option, "times stay as SparkPost sends them", [undefined, "raw"]],
  [excel.option, "a line is JSON", [undefined, "no"]],
  [escapeFormulas.option, "text stays as SparkPost sends it", [undefined]],
];

/** Of text, where Parquet is written. */
export const foreignToParquet: ForeignOptions = [
  [csvDelimiter.option, "Parquet has columns", [undefined]],
  [timestampFormat.option, "in Parquet, times are timestamps", [undefined]],
  [excel.option, "spreadsheets do not open Parquet", [undefined, "no"]],
  [escapeFormulas.option, "text stays as SparkPost sends it", [undefined]],
  [splitRows.option, "Parquet has its rows in groups", [undefined, "0"]],
  [syncSettings.gzip.option, "Parquet is compressed within", [undefined, "no"]],
];

/**
 * Refuses options that say how a CSV is to look. In the ini file they may stand for other exports.
 *
 * @param given values of options by name
 * @param instead how CSV is written
 * @throws UsageError where one of them is given
 */
export function refuseCsvOptions(
  given: Readonly<Record<string, string | undefined>>,
  foreign: ForeignOptions,
  instead: string,
): void {
  const [name, why] = foreign.find(([option, , fits]) => !fits.includes(given[option])) ?? [];
  if (name !== undefined) {
    throw new UsageError(`--${name} is for CSV: ${why}.`, {
      hint: `Leave it out, or write a CSV: ${instead}`,
    });
  }
}

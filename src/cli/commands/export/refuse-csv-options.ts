import { mainSettings } from "../../../config/setting-names.js";
import { UsageError } from "../../../errors.js";
import { isWorkbook } from "../../../output/output-format.js";
import type { ExportGiven } from "./command.js";

/**
 * Options that say how a CSV is to look. In the ini file they may stand for other exports.
 *
 * @throws UsageError where one of them is given for a workbook
 */
export function refuseCsvOptions({ out, settings }: Pick<ExportGiven, "out" | "settings">): void {
  if (out === undefined || !isWorkbook(out)) {
    return;
  }
  const csv = `${out.slice(0, -".xlsx".length)}.csv`;
  const [name, why] = csvOptions.find(([option, , fits]) => !fits.includes(settings[option])) ?? [];
  if (name !== undefined) {
    throw new UsageError(`--${name} is for CSV: ${why}.`, {
      hint: `Leave it out, or write a CSV: --out ${csv}`,
    });
  }
}

/** What a workbook has instead, and with which values it agrees. */
const csvOptions: readonly [string, string, readonly (string | undefined)[]][] = [
  [mainSettings.csvDelimiter.option, "a workbook has cells", [undefined]],
  [
    mainSettings.timestampFormat.option,
    "in a workbook, times are dates",
    [undefined, "spreadsheet"],
  ],
  [
    mainSettings.splitRows.option,
    "a workbook begins a new sheet where one is full",
    [undefined, "0"],
  ],
];

import type { Delimiter } from "../csv/csv-layout.js";
import { UsageError } from "../errors.js";

/**
 * Endings of formats that are not written. A file of such a name with CSV in it would be opened by
 * programs that cannot read it.
 */
const otherFormats =
  "xls|xlsb|xlsm|xlt|xltx|ods|fods|numbers|" +
  "json|geojson|xml|html?|ya?ml|toml|md|sql|pdf|rtf|docx?|odt|" +
  "avro|orc|arrow|feather|sqlite3?|db|duckdb|" +
  "zip|bz2|xz|zst|7z|br|lz4|rar|tar|tgz|xlsx\\.gz|(?:parquet|pq)\\.gz";

/** Those that spreadsheets write: what is meant is a workbook. */
const spreadsheets = /^\.(xls|xlsb|xlsm|xltx?|f?ods|numbers|xlsx\.gz)$/i;

const otherEnding = new RegExp(`\\.(${otherFormats})(\\.gz)?$`, "i");

/**
 * Refuses a file whose name says another format than the one that it would have.
 *
 * @throws UsageError saying what to write instead
 */
export function refuseOtherFormats(path: string, delimiter?: Delimiter): void {
  const [ending] = otherEnding.exec(path) ?? [];
  if (ending !== undefined) {
    const name = path.slice(0, -ending.length).replace(/\.csv$/i, "");
    throw new UsageError(
      `--out: ${path} would not be a ${ending} file; this tool writes CSV, JSON lines (.jsonl), workbooks (.xlsx) and Parquet (.parquet).`,
      {
        hint: spreadsheets.test(ending)
          ? `Write ${name}.xlsx, which spreadsheets open, or ${name}.csv.`
          : /^\.(geo)?json/i.test(ending)
            ? `Write ${name}.jsonl for an event per line, or ${name}.csv.`
            : /^\.(parquet|pq)/i.test(ending)
              ? `Write ${name}.parquet, which is compressed within.`
              : `Write ${name}.csv or ${name}.csv.gz; for a spreadsheet, ${name}.xlsx.`,
      },
    );
  }
  if (delimiter !== undefined && delimiter !== "\t" && /\.(tsv|tab)(\.gz)?$/i.test(path)) {
    throw new UsageError(`--out: ${path} would not have tabs between its fields.`, {
      hint: `Add --csv-delimiter tab, or write ${path.replace(/\.(tsv|tab)(\.gz)?$/i, ".csv$2")}.`,
    });
  }
}

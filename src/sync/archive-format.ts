import { completeLayout } from "../csv/csv-layout.js";
import { csvFormat } from "../formats/csv-format.js";
import { jsonLinesFormat } from "../formats/json-lines-format.js";
import type { RecordFormat } from "../formats/record-format.js";
import type { ArchiveSchema } from "./archive-schema.js";

/** What the files of an archive are read as. */
export function recordFormatOf({ records, columns, format, zone }: ArchiveSchema): RecordFormat {
  return records === "jsonl"
    ? jsonLinesFormat(zone, zone)
    : csvFormat(completeLayout({ ...format, columns, zone }));
}

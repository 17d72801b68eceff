import type { CsvLayout } from "../csv/csv-layout.js";
import { mergeColumn, partRecordFinder } from "../csv/csv-part-records.js";
import { CsvRecordScanner } from "../csv/csv-record-scanner.js";
import { createCsvReference, headerOf } from "../csv/csv-reference.js";
import { PageStream } from "../pages/page-stream.js";
import { csvTask } from "../projector/csv-task.js";
import { Projector } from "../projector/projector.js";
import type { RecordFormat } from "./record-format.js";

export function csvFormat(layout: CsvLayout): RecordFormat {
  const { columns, zone, ...format } = layout;
  const header = headerOf(layout);
  return {
    name: "csv",
    header,
    opening: header,
    isOwn: (start) => start.subarray(0, header.length).equals(header),
    identity: { columns, format, zone },
    openPages: () => new PageStream(Projector.create(csvTask(layout)), createCsvReference(layout)),
    openScanner: () => new CsvRecordScanner(layout),
    parts: {
      format: () => ({
        ...csvFormat({ ...layout, columns: [mergeColumn, ...columns] }),
        header: Buffer.alloc(0),
      }),
      find: partRecordFinder(columns.length, layout),
    },
  };
}

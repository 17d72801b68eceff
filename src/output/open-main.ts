import { createReadStream } from "node:fs";
import { formatOfName } from "../formats/file-name.js";
import type { RecordFormat } from "../formats/record-format.js";
import type { RecordScanner } from "../pages/record-scanner.js";
import { DamagedExportError } from "../partial/damaged-export-error.js";
import type { ExportState } from "../partial/export-state.js";
import { GzipFile } from "../partial/gzip-file.js";
import type { MainOutput } from "../partial/main-output.js";
import { mainIn, pageIn } from "../partial/partial-names.js";
import { PlainFile } from "../partial/plain-file.js";
import { type RecordPosition, SplitFile, type SplitFileOptions } from "./split-file.js";

/**
 * Opens what the pages of an export to `path` come together in.
 *
 * @throws DamagedExportError where it is to go on, and is not what it was
 */
export async function openMain(
  path: string,
  folder: string,
  state: ExportState,
  format: RecordFormat,
  splitRows: number | undefined,
  onFull: SplitFileOptions["onFull"],
): Promise<MainOutput> {
  const file = formatOfName(path).isGzip ? GzipFile : PlainFile;
  if (splitRows === undefined) {
    return file.open(mainIn(folder), state.main);
  }
  return SplitFile.open(
    {
      pathOf: (part) => mainIn(folder, part),
      splitRows,
      format,
      openPart: (part, partState) => file.open(part, partState),
      onFull,
    },
    state.main,
    state.full,
    await positionOf(state, format, folder),
  );
}

/** Where among the records the assembled files end. */
async function positionOf(
  { queue, pages, main }: ExportState,
  format: RecordFormat,
  folder: string,
): Promise<RecordPosition> {
  const scanner = format.openScanner();
  let records = 0;
  let start = format.header.length;
  for (const slice of queue.slices) {
    for (const [index, { events, bytes }] of (pages.get(slice) ?? []).entries()) {
      const consumed = main.consumed - start;
      if (consumed < bytes) {
        const page = pageIn(folder, slice.id, index + 1);
        return { records: records + (await countRecords(page, consumed, scanner)), scanner };
      }
      records += events;
      start += bytes;
    }
  }
  return { records, scanner };
}

/** @throws DamagedExportError where the file is shorter than `length` */
async function countRecords(path: string, length: number, scanner: RecordScanner): Promise<number> {
  let records = 0;
  let left = Math.max(0, length);
  if (left > 0) {
    try {
      for await (const piece of createReadStream(path, { end: left - 1 })) {
        records += scanner.read(piece, Number.POSITIVE_INFINITY).records;
        left -= piece.length;
      }
    } catch (error) {
      throw new DamagedExportError(path, error);
    }
  }
  if (left > 0) {
    throw new DamagedExportError(path);
  }
  return records;
}

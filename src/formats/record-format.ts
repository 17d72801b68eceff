import type { Column } from "../csv/csv-layout.js";
import type { FindPartRecord } from "../pages/find-part-record.js";
import type { StreamingConverter } from "../pages/page-converter.js";
import type { RecordScanner } from "../pages/record-scanner.js";

export type FormatName = (typeof formatNames)[number];
export const formatNames = ["csv", "jsonl", "parquet"] as const;

/** Those that records are written in as they come; Parquet is made of finished CSV. */
export type RecordFormatName = Exclude<FormatName, "parquet">;

/** So much of a file tells whose it is, in bytes. */
export const mostOpening = 1 << 20;

/** What events become in a file, and all that the rest of an export has to know of that. */
export interface RecordFormat {
  readonly name: RecordFormatName;
  /** Begins every file. Where it is empty, files can be joined byte by byte. */
  readonly header: Uint8Array;
  /** What every file begins with that has a record, by which those of an earlier export are known. */
  readonly opening: Uint8Array;
  /**
   * Whether the beginning of a file is one that an export with this format has written. What is taken for
   * that may be removed, so in doubt it is not.
   *
   * @param start its first `mostOpening` bytes, or all that there are
   */
  isOwn(start: Buffer): boolean;
  readonly identity: FormatIdentity;
  /** Turns answers into pages of records; each worker has one of its own. */
  openPages(): StreamingConverter;
  /** Tells records apart. */
  openScanner(): RecordScanner;
  /** How the records of parts of a search are written, and found again to be merged by their time. */
  readonly parts: PartFormat;
}

/** What must be the same for an interrupted export to go on. Plain JSON. */
export interface FormatIdentity {
  /** Absent for CSV, of which the other members are. */
  readonly records?: Exclude<RecordFormatName, "csv">;
  readonly columns?: readonly Column[];
  readonly format?: object;
  /** Name of the zone of the search. */
  readonly zone: string;
}

export interface PartFormat {
  /** That of the parts; without a header. */
  format(): RecordFormat;
  readonly find: FindPartRecord;
}

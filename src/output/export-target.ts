import type { Writable } from "node:stream";
import type { ConvertedPage } from "../pages/page-converter.js";
import type { ExportState } from "../partial/export-state.js";
import type { ExportIdentity, PartEntry, PartsEntry } from "../partial/journal.js";
import type { Slice } from "../slices/slice.js";
import type { Cut } from "../slices/slice-queue.js";
import type { Workbook } from "../workbook/write-workbook.js";

/** A page, and how it meets the others. */
export interface ArrivedPage extends ConvertedPage {
  /** As for `SlicePage`. */
  readonly doubled: readonly number[];
  /** As for `SlicePage`. */
  readonly shifted: boolean;
}

/** Where an export goes, and what remembers how far it is. */
export interface ExportTarget {
  /** How far an interrupted run came; absent where there is nothing to go on from. */
  readonly restored: ExportState | undefined;
  /** Whether somebody reads what is written, who may take any time for that. */
  readonly hasReader: boolean;
  /** Folder for the parts of a search that are to be merged; not made yet. */
  readonly partsFolder: string;
  /** Begins an export, or goes on with the restored one. */
  begin(state: ExportState): Promise<void>;
  /** Resolves when the page is where it belongs, and its memory may be used again. */
  addPage(slice: Slice, page: ArrivedPage): Promise<void>;
  addCut(cut: Cut): Promise<void>;
  addJoin(slice: Slice, length: number): Promise<void>;
  addParts(entry: PartsEntry | PartEntry): Promise<void>;
  /** The slice starts over; its pages are forgotten. */
  restart(slice: Slice): Promise<void>;
  /** All pages are there: makes the export visible under its name. */
  commit(): Promise<WrittenOutput>;
  /**
   * Ends the export under names that say that it is not complete.
   *
   * @returns the paths; none where there is no name to change
   */
  keepIncomplete(): Promise<readonly string[]>;
  /**
   * Lets go of the target after a failure.
   *
   * @returns the folder with what a later run can go on from; undefined where there is nothing
   */
  abandon(): Promise<string | undefined>;
}

export interface WrittenOutput {
  /** Of the file, or of the first of several; absent for a stream. */
  readonly path: string | undefined;
  /** Of all files, in their order; empty for a stream. */
  readonly paths: readonly string[];
  /** Numbered files of an earlier, longer export, which a replaced one must not be followed by. */
  readonly removed: readonly string[];
  /** Size of all files as written, after compression. */
  readonly bytes: number;
  /** Absent where the output is CSV. */
  readonly workbook: Pick<Workbook, "sheets" | "cutTexts"> | undefined;
}

export interface TargetOptions {
  /** A path, gzipped where it ends in `.gz`, or a stream. */
  readonly output: string | Writable;
  /** Replace an existing file, and begin anew where an interrupted export could go on. */
  readonly force: boolean;
  /** Go on with an interrupted export where there is one. */
  readonly resume: boolean;
  readonly identity: ExportIdentity;
  readonly header: Uint8Array;
  readonly perPage: number;
  /** Whether a slice may start over when some of its pages are there. */
  readonly mayStartOver: boolean;
  /** The most records in a file, the header aside; absent for a single file. */
  readonly splitRows: number | undefined;
  /**
   * Makes a workbook at `path` of the assembled CSV, which has so many records; absent where the file is
   * to be the CSV itself.
   */
  readonly buildWorkbook:
    | ((csv: string, path: string, records: number) => Promise<Workbook>)
    | undefined;
  /** Aborts the wait for somebody to read a named pipe. */
  readonly signal: AbortSignal | undefined;
}

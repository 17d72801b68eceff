import type { Writable } from "node:stream";
import type { ExportState } from "../partial/export-state.js";
import type { PartEntry, PartsEntry } from "../partial/journal-entry.js";
import type { AssembledPage } from "../partial/page-assembly.js";
import type { RestoreOptions } from "../partial/restore-export.js";
import type { PageSink } from "../slices/page-sink.js";
import type { Slice } from "../slices/slice.js";

/** Can be let go of after a failure. */
export interface Abandonable {
  /**
   * Lets go of it; nothing may be done with it from then on.
   *
   * @returns the folder with what a later run can go on from; undefined where there is nothing
   */
  abandon(): Promise<string | undefined>;
}

/** Where an export goes, opened before anything is asked of SparkPost. */
export interface ExportTarget extends Abandonable {
  /** How far an interrupted run came; absent where there is nothing to go on from. */
  readonly restored: ExportState | undefined;
  /**
   * Begins an export, or goes on with the restored one, whose end is the target's. Where that fails, the
   * target is left to be abandoned.
   */
  begin(state: ExportState): Promise<OpenExport>;
}

/**
 * An export that has begun. It ends once: with `commit` or `keepIncomplete`, or, where anything has failed,
 * these included, with `abandon`. What is asked of it later is a mistake of the program.
 */
export interface OpenExport extends PageSink, Abandonable {
  /** Folder for the parts of a search that are to be merged; not made yet. */
  readonly partsFolder: string;
  /**
   * Takes in the next records of a merging, instead of a page. Resolves when their memory may be used
   * again.
   */
  addChunk(slice: Slice, chunk: AssembledPage): Promise<void>;
  addParts(entry: PartsEntry | PartEntry): Promise<void>;
  /** All pages are there: makes the export visible under its name. */
  commit(): Promise<WrittenOutput>;
  /**
   * Ends the export under names that say that it is not complete.
   *
   * @returns the paths; none where there is no name to change
   */
  keepIncomplete(): Promise<readonly string[]>;
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
  /** Absent where the output is none. */
  readonly workbook: WorkbookFacts | undefined;
}

interface WorkbookFacts {
  readonly sheets: number;
  /** Number of texts that were cut, as no cell can hold them. */
  readonly cutTexts: number;
}

/** What was made of the CSV. */
export interface Converted {
  /** Number of events in it. */
  readonly rows: number;
  /** In bytes. */
  readonly size: number;
  /** Absent where it is none. */
  readonly workbook?: WorkbookFacts;
}

/** Makes what the file is to be, in the place of the assembled CSV. */
export interface Conversion {
  /** As the beginning of a sentence. */
  readonly product: "A workbook" | "Parquet";
  /**
   * @param folder for what is needed meanwhile
   * @param records number of those in the CSV
   */
  convert(csv: string, path: string, folder: string, records: number): Promise<Converted>;
}

export interface TargetOptions extends RestoreOptions {
  /** A path, gzipped where it ends in `.gz`, or a stream. */
  readonly output: string | Writable;
  /** Replace an existing file, and begin anew where an interrupted export could go on. */
  readonly force: boolean;
  /** Whether a slice may start over when some of its pages are there. */
  readonly mayStartOver: boolean;
  /** Absent where the file is what is assembled. */
  readonly conversion: Conversion | undefined;
  /** Aborts the wait for somebody to read a named pipe. */
  readonly signal: AbortSignal | undefined;
}

import type { FormatIdentity } from "../formats/record-format.js";
import type { Flaw } from "../slices/count-claims.js";

/** What must be the same for an interrupted export to go on. The API key is no part of it. */
export interface ExportIdentity extends FormatIdentity {
  readonly version: string;
  readonly origin: string;
  readonly api: string;
  /** Epoch milliseconds. */
  readonly from: number;
  /** Epoch milliseconds. */
  readonly to: number;
  readonly events: readonly string[];
  readonly filters: Readonly<Record<string, readonly string[]>>;
  /** Absent where none is searched for. */
  readonly metadata?: Readonly<Record<string, readonly string[]>>;
  readonly splitRows: number | undefined;
}

/** What is certain to be on disk of an assembled file. */
export interface FileState {
  /** Size in bytes. */
  readonly length: number;
  /** CRC-32 of a gzipped file; the bytes of another one are those of the pages. */
  readonly crc?: number | undefined;
}

/** How much of the assembled file, or of the last of several, is certain to be on disk. */
export interface MainState extends FileState {
  /** How many bytes of records and headers came into it; differs from `length` where that is compressed or split. */
  readonly consumed: number;
  /** Number of the last file, from 1, where the export is split into several. */
  readonly part?: number;
}

export type JournalEntry =
  | {
      readonly type: "export";
      readonly identity: ExportIdentity;
      /** Epoch milliseconds. */
      readonly began: number;
      readonly count: number | undefined;
      readonly slices: readonly { id: number; from: number; to: number; expected: number }[];
    }
  | { readonly type: "cut"; readonly slice: number; readonly times: readonly number[] }
  | { readonly type: "join"; readonly slice: number; readonly length: number }
  | PageEntry
  | ChunkEntry
  | LostEntry
  | PartsEntry
  | PartEntry
  | { readonly type: "main"; readonly main: MainState }
  | FullEntry
  /** The assembled files are about to get their names. */
  | { readonly type: "publishing"; readonly parts: number }
  | { readonly type: "restart"; readonly slice: number; readonly main: MainState | undefined };

export interface PageEntry {
  readonly type: "page";
  readonly slice: number;
  readonly events: number;
  readonly eventsByType: readonly (readonly [type: string, count: number])[];
  /** Size of the page's records. */
  readonly bytes: number;
  /** Of the page's records. */
  readonly checksum: string;
  /** Absent after the last page of the slice. */
  readonly next: string | undefined;
  readonly oldest: number;
  readonly totalCount: number | undefined;
  /** These as for `SlicePage`. */
  readonly firstId: number | undefined;
  readonly lastId: number | undefined;
  readonly tooNew: number;
  readonly tooOld: number;
  readonly doubled: readonly number[];
  readonly shifted: boolean;
  /** Where the page went straight into the assembled file. */
  readonly main?: MainState | undefined;
}

/** A chunk of the records that are merged of parts. It is in a slice what a page is. */
export interface ChunkEntry {
  readonly type: "chunk";
  readonly slice: number;
  readonly events: number;
  /** Size of the chunk's records. */
  readonly bytes: number;
  /** Of the chunk's records. */
  readonly checksum: string;
  readonly isLast: boolean;
  /** Where the chunk went straight into the assembled file. */
  readonly main?: MainState | undefined;
}

/** One of several assembled files has all of its records. */
export interface FullEntry extends FileState {
  readonly type: "full";
  /** Number of the file, from 1. */
  readonly part: number;
}

/** What a slice has beyond so many pages is gone, and is fetched again. */
export interface LostEntry {
  readonly type: "lost";
  readonly slice: number;
  /** Number of pages that are there. */
  readonly pages: number;
}

/** The search is fetched in parts, each an export of its own, and something of them is there. */
export interface PartsEntry {
  readonly type: "parts";
  /** Number of parts. */
  readonly total: number;
  /** Number of events in each part, counted before the first page. */
  readonly counts: readonly number[];
}

/** All that there is of a part is in its file. */
export interface PartEntry {
  readonly type: "part";
  /** From 0. */
  readonly part: number;
  readonly events: number;
  readonly eventsByType: readonly (readonly [type: string, count: number])[];
  /** Number of events that SparkPost counted. */
  readonly totalCount: number;
  /** Absent where what arrived is what should have. */
  readonly flaw: Flaw | undefined;
  /** Number of events that came twice, on pages that meet. */
  readonly doubled: number;
  /** Size of the part's file; 0 where there is none, as nothing matches. */
  readonly bytes: number;
  /** Of the part's file. */
  readonly checksum: string;
}

import type { ConvertedPage } from "../pages/page-converter.js";
import type { Slice } from "./slice.js";
import type { Cut } from "./slice-queue.js";

/** A page, and how it meets the others. */
export interface ArrivedPage extends ConvertedPage {
  /** As for `SlicePage`. */
  readonly doubled: readonly number[];
  /** As for `SlicePage`. */
  readonly shifted: boolean;
}

/** Takes in what is fetched, and remembers what became of the slices. */
export interface PageSink {
  /** Whether somebody reads what is written, who may take any time for that. */
  readonly hasReader: boolean;
  /** Resolves when the page is where it belongs, and its memory may be used again. */
  addPage(slice: Slice, page: ArrivedPage): Promise<void>;
  addCut(cut: Cut): Promise<void>;
  addJoin(slice: Slice, length: number): Promise<void>;
  /** The slice starts over; its pages are forgotten. */
  restart(slice: Slice): Promise<void>;
}

import type { ColumnKind } from "./column-kind.js";
import type { RecordReader } from "./record-reader.js";

/** In characters, as Excel counts widths. */
const narrowest = 8;
const widest = 60;
/** `2026-11-19 18:59:59` */
const timeWidth = 20;
/** The button of the filter covers a part of the header. */
const filterButton = 4;

/** Records whose texts are measured. */
const mostRecords = 1_000;

/** How wide the columns are to be, by their headers and the first records. */
export class ColumnWidths {
  readonly #kinds: readonly ColumnKind[];
  readonly #lengths: number[];

  constructor(kinds: readonly ColumnKind[], headers: readonly string[]) {
    this.#kinds = kinds;
    this.#lengths = headers.map((header) => {
      const bytes = Buffer.from(header);
      return lengthOf(bytes, 0, bytes.length) + filterButton;
    });
  }

  get widths(): readonly number[] {
    return this.#lengths.map((length, column) =>
      Math.max(
        Math.min(Math.max(length + 1, narrowest), widest),
        this.#kinds[column] === "time" ? timeWidth : 0,
      ),
    );
  }

  /** Looks at records that the reader has read already. */
  measure(reader: RecordReader): void {
    reader.look(mostRecords, () => {
      for (const [column, kind] of this.#kinds.entries()) {
        if (kind !== "time") {
          const length = lengthOf(reader.bytes, reader.starts[column]!, reader.ends[column]!);
          this.#lengths[column] = Math.max(this.#lengths[column]!, length);
        }
      }
    });
  }
}

/** Length of the first line of a text, as far as it matters; CJK and emoji are twice as wide. */
function lengthOf(bytes: Uint8Array, start: number, end: number): number {
  let length = 0;
  for (let index = start; index < end && length < widest; index++) {
    const byte = bytes[index]!;
    if (byte === 0x0a) {
      return length;
    }
    const isContinuation = byte >= 0x80 && byte < 0xc0;
    length += isContinuation ? 0 : byte >= 0xe3 ? 2 : 1;
  }
  return length;
}

import { MalformedAnswerError } from "../../src/api/answer.js";
import type { CsvLayout } from "../../src/csv/csv-layout.js";
import { csvFormat } from "../../src/formats/csv-format.js";
import type { RecordFormat } from "../../src/formats/record-format.js";
import type { PageConverter } from "../../src/pages/page-converter.js";
import { anyTime } from "../../src/pages/page-range.js";

/** The sizes of the pieces that bodies come in, one after the other. */
const pieceSizes = [1, 7, 64, 1_000, 65_536, 1_000_000];

/** Converts whole bodies by way of a stream, which gets them in pieces, and again where it asks for that. */
export function createStreamConverter(format: RecordFormat): PageConverter {
  const stream = format.openPages();
  let bodies = 0;
  return {
    convert(body, range = anyTime) {
      const size = pieceSizes[bodies++ % pieceSizes.length] ?? 1;
      const receive = () => {
        stream.begin(body.length);
        // Each piece in the same memory, as from a socket.
        const memory = new Uint8Array(size);
        for (let start = 0; start < body.length; start += size) {
          const piece = body.subarray(start, start + size);
          memory.set(piece);
          stream.write(memory.subarray(0, piece.length));
        }
        return stream.end(range);
      };
      try {
        return receive();
      } catch (error) {
        if (error instanceof MalformedAnswerError && error.message === askedAgain) {
          return receive();
        }
        throw error;
      }
    },
  };
}

/** The same for CSV of a layout. */
export function createCsvConverter(layout: CsvLayout): PageConverter {
  return createStreamConverter(csvFormat(layout));
}

const askedAgain = "the answer is not the usual kind of page";

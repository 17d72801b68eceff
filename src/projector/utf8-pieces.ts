import { isUtf8 } from "node:buffer";
import { TextDecoder } from "node:util";

const nothing = Buffer.alloc(0);

/**
 * Passes on text that arrives in pieces, cut anywhere, as UTF-8: with replacement characters where it is
 * none, as `TextDecoder` has them.
 */
export class Utf8Pieces {
  /** What arrived of a character that is not complete. */
  #tail: Uint8Array = nothing;
  /** Puts in replacement characters, once the text turned out not to be UTF-8. */
  #decoder: TextDecoder | undefined;

  /** Begins with another text. */
  begin(): void {
    this.#tail = nothing;
    this.#decoder = undefined;
  }

  next(piece: Uint8Array): Uint8Array {
    if (!this.#decoder) {
      const joined = this.#tail.length > 0 ? Buffer.concat([this.#tail, piece]) : piece;
      const incomplete = incompleteLength(joined);
      const whole = incomplete > 0 ? joined.subarray(0, -incomplete) : joined;
      if (isUtf8(whole)) {
        // A copy, since the piece's memory is used for the next one.
        this.#tail = incomplete > 0 ? Buffer.from(joined.subarray(-incomplete)) : nothing;
        return whole;
      }
      this.#decoder = new TextDecoder("utf-8", { ignoreBOM: true });
      return Buffer.from(this.#decoder.decode(joined, { stream: true }));
    }
    return Buffer.from(this.#decoder.decode(piece, { stream: true }));
  }

  /** Whether the text ends with a whole character. */
  endsWhole(): boolean {
    return (this.#decoder ? this.#decoder.decode() : this.#tail).length === 0;
  }
}

/** Number of bytes at the end that may be the beginning of a character. */
function incompleteLength(bytes: Uint8Array): number {
  for (let length = 1; length <= 3 && length <= bytes.length; length++) {
    const byte = bytes[bytes.length - length]!;
    if (byte < 0x80) {
      return 0;
    }
    if (byte >= 0xc0) {
      const characterLength = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length < characterLength ? length : 0;
    }
  }
  return 0;
}

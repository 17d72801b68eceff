// Constants of the module rather than imports: V8 builds these into the code, but loads an imported
// constant whenever it is used, which costs a seventh of the speed.
const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const quote = 0x22;
const plus = 0x2b;
const comma = 0x2c;
const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const letterUpperE = 0x45;
const openBracket = 0x5b;
const backslash = 0x5c;
const letterE = 0x65;
const letterU = 0x75;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** 1 for what cannot stand for itself in a string: control characters, quote and backslash. */
const stopsString = new Uint8Array(256).fill(1, 0, space);
stopsString[quote] = 1;
stopsString[backslash] = 1;

/** What may follow a backslash, other than `u` and four digits. */
const isShortEscape = new Uint8Array(256);
for (const letter of Buffer.from('"\\/bfnrt')) {
  isShortEscape[letter] = 1;
}

const isHexDigit = new Uint8Array(256);
for (const digit of Buffer.from("0123456789abcdefABCDEF")) {
  isHexDigit[digit] = 1;
}

/** A literal's first four bytes, as `getInt32` reads them. */
function firstWord(literal: string): number {
  return Buffer.from(literal).readInt32LE();
}
const nullWord = firstWord("null");
const trueWord = firstWord("true");
const falseWord = firstWord("false");

/**
 * Finds where the tokens of a JSON text end, without reading more into them than that.
 *
 * Accepts what `JSON.parse` accepts. The methods take the index of a token's first byte and return
 * the index after its last one; where no such token stands they throw a `SyntaxError`. Indices are
 * arguments and results rather than a property, since that keeps them in registers.
 */
export class JsonScanner {
  /** The text, which has to be valid UTF-8. */
  bytes: Buffer = Buffer.alloc(0);
  /** The same bytes, to read four of them at once. */
  view: DataView = new DataView(this.bytes.buffer, 0, 0);
  /** What closes the containers around the current one; grows with the depth. */
  #closers = new Uint8Array(64);

  open(bytes: Buffer): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The byte at an index; 0, which no token has, after the end. Reads beyond an array are slow. */
  at(index: number): number {
    return index < this.bytes.length ? this.bytes[index]! : 0;
  }

  fail(index: number): never {
    throw new SyntaxError(
      index < this.bytes.length
        ? `unexpected byte ${this.bytes[index]} at offset ${index}`
        : `unexpected end at offset ${this.bytes.length}`,
    );
  }

  /** Skips white space, if there is any. */
  spaceEnd(index: number): number {
    let end = index;
    // Mostly there is none, and this one test tells.
    while (this.at(end) <= space) {
      switch (this.at(end)) {
        case space:
        case lineFeed:
        case carriageReturn:
        case tab:
          end++;
          break;
        default:
          return end;
      }
    }
    return end;
  }

  /** The end of a value of any type. */
  valueEnd(index: number): number {
    const first = this.at(index);
    if (first === quote) {
      return this.stringEnd(index);
    }
    return first === openBrace || first === openBracket
      ? this.#containerEnd(index)
      : this.#scalarEnd(index);
  }

  stringEnd(index: number): number {
    if (this.at(index) !== quote) {
      this.fail(index);
    }
    let end = this.#plainEnd(index + 1);
    while (this.at(end) === backslash) {
      end = this.#plainEnd(this.#escapeEnd(end));
    }
    if (this.at(end) !== quote) {
      this.fail(end);
    }
    return end + 1;
  }

  /** From the end of a member's key to the first byte of its value. */
  afterColon(index: number): number {
    const end = this.spaceEnd(index);
    if (this.at(end) !== colon) {
      this.fail(end);
    }
    return this.spaceEnd(end + 1);
  }

  /** From the end of an item or member to the comma or bracket that has to follow. */
  itemEnd(index: number, closer: number): number {
    const end = this.spaceEnd(index);
    const byte = this.at(end);
    if (byte !== comma && byte !== closer) {
      this.fail(end);
    }
    return end;
  }

  /** Goes to the first byte of a string that ends it, has to be escaped, or is an escape. */
  #plainEnd(index: number): number {
    const { bytes, view } = this;
    const lastWord = bytes.length - 4;
    let end = index;
    // Four bytes at once, each in a lane of its own: a lane's top bit is set in `x - 0x21` if x was
    // less than that, in `y - 1` if y was 0. A borrow reaches only lanes after one that is set.
    for (; end <= lastWord; end += 4) {
      const word = view.getInt32(end, true);
      // Control characters and the quote become 0x00 to 0x20, and nothing else does.
      const x = word ^ 0x02020202;
      const y = word ^ 0x5c5c5c5c;
      const stops = ((x - 0x21212121) | (y - 0x01010101)) & ~word & 0x80808080;
      if (stops !== 0) {
        return end + ((31 - Math.clz32(stops & -stops)) >> 3);
      }
    }
    while (end < bytes.length && stopsString[bytes[end]!] === 0) {
      end++;
    }
    return end;
  }

  #escapeEnd(index: number): number {
    const letter = this.at(index + 1);
    if (isShortEscape[letter] === 1) {
      return index + 2;
    }
    if (letter !== letterU) {
      this.fail(index + 1);
    }
    for (let digit = index + 2; digit < index + 6; digit++) {
      if (isHexDigit[this.at(digit)] === 0) {
        this.fail(digit);
      }
    }
    return index + 6;
  }

  /** The end of a number, `true`, `false` or `null`. */
  #scalarEnd(index: number): number {
    const first = this.at(index);
    if (first === minus || (first >= zero && first <= nine)) {
      return this.#numberEnd(index);
    }
    if (index + 4 <= this.bytes.length) {
      const word = this.view.getInt32(index, true);
      if (word === nullWord || word === trueWord) {
        return index + 4;
      }
      if (word === falseWord && this.at(index + 4) === letterE) {
        return index + 5;
      }
    }
    return this.fail(index);
  }

  #numberEnd(index: number): number {
    let end = this.at(index) === minus ? index + 1 : index;
    end = this.at(end) === zero ? end + 1 : this.#digitsEnd(end);
    if (this.at(end) === point) {
      end = this.#digitsEnd(end + 1);
    }
    const exponent = this.at(end);
    if (exponent === letterE || exponent === letterUpperE) {
      const sign = this.at(end + 1);
      end = this.#digitsEnd(sign === plus || sign === minus ? end + 2 : end + 1);
    }
    return end;
  }

  /** One digit or more. */
  #digitsEnd(index: number): number {
    let end = index;
    for (let byte = this.at(end); byte >= zero && byte <= nine; byte = this.at(end)) {
      end++;
    }
    return end === index ? this.fail(index) : end;
  }

  /** The end of an object or array of any depth, hence without recursion. */
  #containerEnd(index: number): number {
    let depth = 0;
    let closer = 0;
    let end = index;
    for (;;) {
      const first = this.at(end);
      if (first === openBrace || first === openBracket) {
        this.#keepCloser(depth++, closer);
        // Either opening bracket is two before the closing one.
        closer = first + 2;
        end = this.spaceEnd(end + 1);
        if (this.at(end) !== closer) {
          if (closer === closeBrace) {
            end = this.afterColon(this.stringEnd(end));
          }
          continue;
        }
      } else if (first === quote) {
        end = this.stringEnd(end);
      } else {
        end = this.#scalarEnd(end);
      }

      end = this.spaceEnd(end);
      while (this.at(end) === closer) {
        end++;
        closer = this.#closers[--depth]!;
        if (depth === 0) {
          return end;
        }
        end = this.spaceEnd(end);
      }
      if (this.at(end) !== comma) {
        this.fail(end);
      }
      end = this.spaceEnd(end + 1);
      if (closer === closeBrace) {
        end = this.afterColon(this.stringEnd(end));
      }
    }
  }

  #keepCloser(depth: number, closer: number): void {
    if (depth === this.#closers.length) {
      const longer = new Uint8Array(2 * depth);
      longer.set(this.#closers);
      this.#closers = longer;
    }
    this.#closers[depth] = closer;
  }
}

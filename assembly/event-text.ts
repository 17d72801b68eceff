/** Writes an event as it was sent. */

import { carriageReturn, lineFeed } from "./ascii";

/**
 * Copies valid JSON without its line breaks, which can only stand between tokens. Up to fifteen more
 * bytes are read and written.
 */
export function writeOnOneLine(start: usize, end: usize, to: usize): usize {
  const lineFeeds = i8x16.splat(<i8>lineFeed);
  const returns = i8x16.splat(<i8>carriageReturn);
  let index = start;
  while (index < end) {
    const bytes = v128.load(index);
    v128.store(to, bytes);
    const breaks = i8x16.bitmask(v128.or(i8x16.eq(bytes, lineFeeds), i8x16.eq(bytes, returns)));
    const length = min<usize>(16, end - index);
    const plain = breaks === 0 ? length : min<usize>(length, ctz(breaks));
    to += plain;
    // The byte behind what is plain is a line break, but for the end of a block.
    index += plain < length ? plain + 1 : plain;
  }
  return to;
}

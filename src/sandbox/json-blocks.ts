import { LruCache } from "./lru-cache.js";

const eventsPerBlock = 500;
const cacheBytes = 2 * 1024 ** 3;
/** Pieces below this size are copied together: thousands of tiny writes cost more than the copy. */
const leastChunkBytes = 64 * 1024;

interface Block {
  /** The events' JSON, each followed by a comma. */
  readonly bytes: Buffer;
  /** Where each event starts, and where the last one ends. */
  readonly offsets: Uint32Array;
}

/**
 * JSON of events by index, made in blocks when first asked for and kept, so that a page served
 * again needs no work but the writing.
 */
export class JsonBlocks {
  readonly #blocks = new LruCache<number, Block>(cacheBytes, (block) => block.bytes.length);

  constructor(
    private readonly length: number,
    private readonly jsonOf: (index: number) => string,
  ) {}

  /** The events' JSON with commas between them, in chunks that share memory with the cache. */
  chunks(indices: Uint32Array): Buffer[] {
    const pieces: Buffer[] = [];
    for (let start = 0; start < indices.length; ) {
      const first = indices[start]!;
      const blockNumber = Math.floor(first / eventsPerBlock);
      const blockEnd = (blockNumber + 1) * eventsPerBlock;
      let end = start + 1;
      while (indices[end] === first + end - start && indices[end]! < blockEnd) end++;

      const { bytes, offsets } = this.#block(blockNumber);
      const inBlock = first % eventsPerBlock;
      pieces.push(bytes.subarray(offsets[inBlock], offsets[inBlock + end - start]));
      start = end;
    }
    const last = pieces.pop();
    if (last) pieces.push(last.subarray(0, -1));
    return mergeSmall(pieces);
  }

  #block(number: number): Block {
    return this.#blocks.getOrMake(number, () => {
      const start = number * eventsPerBlock;
      const count = Math.min(eventsPerBlock, this.length - start);
      const texts: string[] = [];
      const offsets = new Uint32Array(count + 1);
      for (let i = 0; i < count; i++) {
        const text = `${this.jsonOf(start + i)},`;
        texts.push(text);
        offsets[i + 1] = offsets[i]! + Buffer.byteLength(text);
      }
      return { bytes: Buffer.from(texts.join("")), offsets };
    });
  }
}

function mergeSmall(pieces: Buffer[]): Buffer[] {
  const chunks: Buffer[] = [];
  let small: Buffer[] = [];
  let smallBytes = 0;
  const flush = (): void => {
    if (small.length > 0) chunks.push(small.length === 1 ? small[0]! : Buffer.concat(small));
    small = [];
    smallBytes = 0;
  };
  for (const piece of pieces) {
    if (piece.length >= leastChunkBytes) flush();
    small.push(piece);
    smallBytes += piece.length;
    if (smallBytes >= leastChunkBytes) flush();
  }
  flush();
  return chunks;
}

import type { WasmMemory } from "./web-assembly.js";

const wasmPage = 65_536;
const initialInput = 192 * 1024;
const initialOutput = 1 << 20;
const growth = 1.5;

/** An event that has not arrived whole may be of this size, in bytes. */
const mostInput = 32_000_000;
/** Much of it is only reserved, for the longest record that an event could become. */
const mostMemory = 1_000_000_000;

/** The memory of a projector: its tables, then room for what arrives, then the CSV. */
export class ProjectorMemory {
  /** All of it; another object after it grew. */
  bytes: Buffer;
  readonly inputStart: number;
  #inputRoom = initialInput;
  readonly #memory: WasmMemory;
  /** Behind the input, and behind the output. */
  readonly #padding: number;

  /**
   * @param start of what is free
   * @param padding how far beyond the last byte the projector reads and writes; a power of two
   */
  constructor(memory: WasmMemory, start: number, padding: number) {
    this.#memory = memory;
    this.#padding = padding;
    this.bytes = Buffer.from(memory.buffer);
    this.inputStart = Math.ceil(start / padding) * padding;
    if (!this.#growTo(this.outputStart + initialOutput)) {
      throw new RangeError("There is no memory for a projector.");
    }
  }

  get outputStart(): number {
    return this.inputStart + this.#inputRoom + this.#padding;
  }

  get outputEnd(): number {
    return this.bytes.length - this.#padding;
  }

  /** Whether so many bytes have room where they arrive. */
  hasInputRoom(length: number): boolean {
    return length <= this.#inputRoom;
  }

  /**
   * Makes room for more bytes to arrive; the CSV, of which there are so many bytes, moves on.
   *
   * @returns whether there is as much room
   */
  growInput(length: number, csvLength: number): boolean {
    if (length > mostInput) {
      return false;
    }
    const from = this.outputStart;
    const room = Math.ceil((length * growth) / wasmPage) * wasmPage;
    const to = this.inputStart + room + this.#padding;
    if (!this.#growTo(to + this.outputEnd - from + this.#padding)) {
      return false;
    }
    this.#inputRoom = room;
    this.bytes.copyWithin(this.outputStart, from, from + csvLength);
    return true;
  }

  /** @returns whether there is more room */
  growOutput(): boolean {
    return this.#growTo(
      this.outputStart + (this.outputEnd - this.outputStart) * growth + this.#padding,
    );
  }

  #growTo(size: number): boolean {
    if (size > mostMemory) {
      return false;
    }
    if (size > this.bytes.length) {
      try {
        this.#memory.grow(Math.ceil((size - this.bytes.length) / wasmPage));
      } catch (error) {
        // The system has no more to give.
        if (error instanceof RangeError) {
          return false;
        }
        throw error;
      }
      this.bytes = Buffer.from(this.#memory.buffer);
    }
    return true;
  }
}

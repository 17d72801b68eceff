import type { WasmMemory } from "./web-assembly.js";

const wasmPage = 65_536;
/** The projector reads and writes whole words beyond the last byte. */
export const padding = 64;
const initialInput = 192 * 1024;
const initialOutput = 1 << 20;
const growth = 1.5;

/** The memory of a projector: its tables, then room for what arrives, then the CSV. */
export class ProjectorMemory {
  /** All of it; another object after it grew. */
  bytes: Buffer;
  readonly inputStart: number;
  #inputRoom = initialInput;
  readonly #memory: WasmMemory;

  /** @param start of what is free */
  constructor(memory: WasmMemory, start: number) {
    this.#memory = memory;
    this.bytes = Buffer.from(memory.buffer);
    this.inputStart = Math.ceil(start / padding) * padding;
    this.#growTo(this.outputStart + initialOutput);
  }

  get outputStart(): number {
    return this.inputStart + this.#inputRoom + padding;
  }

  get outputEnd(): number {
    return this.bytes.length - padding;
  }

  /** Whether so many bytes have room where they arrive. */
  hasInputRoom(length: number): boolean {
    return length <= this.#inputRoom;
  }

  /** Makes room for more bytes to arrive; the CSV, of which there are so many bytes, moves on. */
  growInput(length: number, csvLength: number): void {
    const from = this.outputStart;
    const room = Math.ceil((length * growth) / wasmPage) * wasmPage;
    const output = this.outputEnd - from;
    this.#inputRoom = room;
    this.#growTo(this.outputStart + output + padding);
    this.bytes.copyWithin(this.outputStart, from, from + csvLength);
  }

  growOutput(): void {
    this.#growTo(this.outputStart + (this.outputEnd - this.outputStart) * growth + padding);
  }

  #growTo(size: number): void {
    if (size > this.bytes.length) {
      this.#memory.grow(Math.ceil((size - this.bytes.length) / wasmPage));
      this.bytes = Buffer.from(this.#memory.buffer);
    }
  }
}

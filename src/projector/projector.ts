import { PageBuffer } from "../page-buffer.js";
import type { ConvertedPage, QuickConverter } from "../pages/page-converter.js";
import type { PageRange } from "../pages/page-range.js";
import { pageTooLarge } from "../pages/page-too-large.js";
import { formatSize } from "../size.js";
import type { Wasm } from "./contract.js";
import { Host } from "./host.js";
import { instantiate } from "./instantiate.js";
import { takePage } from "./projected-page.js";
import type { ProjectorMemory } from "./projector-memory.js";
import type { Task } from "./task.js";
import { Utf8Pieces } from "./utf8-pieces.js";
import { CompileError } from "./web-assembly.js";

/** An answer is looked at in pieces that fit into the processor's caches. */
const pieceSize = 128 * 1024;
/** Size of a page's output, in bytes: three times as much as an ordinary page has of JSON. */
const mostOutput = 48_000_000;

/**
 * The fast converter: copies what is wanted from the bytes of an answer to those of the output in one
 * walk, without parsing, while the answer arrives. Its output is that of the reference converter.
 *
 * The walk is WebAssembly, compiled from `assembly/`: it compares 16 bytes at once. It takes no answer
 * that the reference would reject, and leaves alone what is out of the ordinary.
 */
export class Projector implements QuickConverter {
  readonly #output: string;
  readonly #wasm: Wasm;
  readonly #memory: ProjectorMemory;
  readonly #host: Host;
  readonly #text = new Utf8Pieces();
  /** Address after what arrived. */
  #inputEnd = 0;
  /** With fewer bytes it is not worth while to try again. */
  #worthTrying = 0;
  /** The output of the last page. */
  readonly #page = new PageBuffer();

  /** @returns undefined where the values are too many, or the machine has no use for WebAssembly */
  static create(task: Task): Projector | undefined {
    try {
      const host = new Host(task);
      const instance = instantiate(task, host);
      return instance && new Projector(task, host, instance.wasm, instance.memory);
    } catch (error) {
      // V8 reserves 10 GB of addresses, which some systems limit (ulimit -v), and needs SSE 4.1.
      if (error instanceof RangeError || error instanceof CompileError) {
        return undefined;
      }
      throw error;
    }
  }

  private constructor({ output }: Task, host: Host, wasm: Wasm, memory: ProjectorMemory) {
    this.#output = output;
    this.#host = host;
    this.#wasm = wasm;
    this.#memory = memory;
  }

  begin(): void {
    const memory = this.#memory;
    this.#wasm.begin(memory.inputStart, memory.outputStart, memory.outputEnd);
    this.#inputEnd = memory.inputStart;
    this.#text.begin();
    this.#worthTrying = 0;
    this.#host.begin();
    if (this.#host.types.forgetMany()) {
      this.#wasm.forgetTypes();
    }
  }

  add(bytes: Uint8Array): boolean {
    for (let start = 0; start < bytes.length; start += pieceSize) {
      if (!this.#lay(this.#text.next(bytes.subarray(start, start + pieceSize)))) {
        return false;
      }
      if (this.#inputEnd - this.#wasm.takenUntil() >= this.#worthTrying && !this.#advance()) {
        return false;
      }
    }
    return true;
  }

  end(range: PageRange): ConvertedPage | undefined {
    return this.#text.endsWhole() && this.#advance() && this.#wasm.isComplete()
      ? takePage(this.#wasm, this.#memory, this.#host, range, this.#page)
      : undefined;
  }

  /**
   * Puts a piece behind what has not been taken yet.
   *
   * @returns whether there is room for it
   */
  #lay(piece: Uint8Array): boolean {
    const memory = this.#memory;
    const wasm = this.#wasm;
    const start = memory.inputStart;
    const taken = wasm.takenUntil();
    memory.bytes.copyWithin(start, taken, this.#inputEnd);
    const left = this.#inputEnd - taken;
    const length = left + piece.length;
    if (!memory.hasInputRoom(length)) {
      if (!memory.growInput(length, wasm.writtenUntil() - memory.outputStart)) {
        return false;
      }
      wasm.moveOutput(memory.outputStart, memory.outputEnd);
    }
    memory.bytes.set(piece, start + left);
    this.#inputEnd = start + length;
    // Where nothing follows, the walk finds zeros.
    memory.bytes.fill(0, this.#inputEnd, this.#inputEnd + wasm.constants.overreach);
    wasm.moveInput(start, this.#inputEnd);
    return true;
  }

  #advance(): boolean {
    const wasm = this.#wasm;
    const memory = this.#memory;
    const { needsMore, needsRoom } = wasm.constants;
    for (;;) {
      const outcome = wasm.advance();
      if (wasm.writtenUntil() - memory.outputStart > mostOutput) {
        throw pageTooLarge(
          `The ${this.#output} of a page is larger than ${formatSize(mostOutput)}, the most that is held in memory.`,
          wasm.rowCount(),
        );
      }
      if (outcome !== needsRoom) {
        this.#worthTrying = 2 * (this.#inputEnd - wasm.takenUntil());
        return outcome === needsMore && this.#host.isOrdinary;
      }
      if (!memory.growOutput()) {
        return false;
      }
      wasm.moveOutput(memory.outputStart, memory.outputEnd);
    }
  }
}

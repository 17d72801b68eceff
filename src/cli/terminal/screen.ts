import { harmless } from "./harmless.js";
import { paintMarks } from "./style.js";

/**
 * A standard stream, for all that people read. Messages hold texts of servers and files, so nothing
 * steers the terminal but the styles of this program.
 */
export class Screen {
  /** For those that draw by themselves, or write exported data. */
  readonly stream: NodeJS.WriteStream;

  constructor(stream: NodeJS.WriteStream) {
    this.stream = stream;
  }

  get isTTY(): boolean {
    return this.stream.isTTY;
  }

  /** Width of the terminal, in cells; absent or 0 where it is not known. */
  get columns(): number | undefined {
    return this.stream.columns;
  }

  write(text: string): void {
    this.stream.write(paintMarks(harmless(text)));
  }

  /** What another program is to read as it is; a terminal gets it like all else. */
  writeExact(text: string): void {
    if (this.isTTY) {
      this.write(text);
    } else {
      this.stream.write(text);
    }
  }
}

import { SparkyEventsError } from "../../../errors.js";
import type { Edges } from "../../process/edges.js";
import type { Screen } from "../../terminal/screen.js";
import { createStyle, type Style } from "../../terminal/style.js";
import { wrap } from "../../terminal/wrap.js";

/** A check has failed, and its line says why. */
class FailedCheckError extends SparkyEventsError {
  constructor(
    message: string,
    readonly exitCode: number,
  ) {
    super(message);
  }
}

/** Checks in a fixed order, of which each needs those before it; a line each, as they come in. */
export class CheckList {
  readonly #names: readonly string[];
  readonly #stdout: Screen;
  readonly #style: Style;
  #done = 0;
  #failure: SparkyEventsError | undefined;

  constructor(names: readonly string[], { stdout, env }: Edges) {
    this.#names = names;
    this.#stdout = stdout;
    this.#style = createStyle(stdout, env);
  }

  /** @param warnings whole sentences about what is not wrong but had better be otherwise */
  good(name: string, text: string, warnings: readonly string[] = []): void {
    if (name !== this.#names[this.#done]) {
      throw new Error(`The check ${name} is not the next.`);
    }
    const mark = warnings.length === 0 ? this.#style.green("✔") : this.#style.yellow("!");
    this.#line(mark, text, warnings);
  }

  /** Ends the list: the next check has failed. */
  bad(error: SparkyEventsError): void {
    this.#failure = error;
    this.#line(this.#style.red("✖"), error.message, error.hint?.split("\n") ?? []);
    while (this.#done < this.#names.length) {
      this.#line(this.#style.dim("-"), this.#style.dim("skipped"), []);
    }
  }

  /** @throws FailedCheckError with the exit code of what has failed */
  finish(): void {
    if (this.#failure) {
      throw new FailedCheckError("A check failed; see ✖ above.", this.#failure.exitCode);
    }
  }

  #line(mark: string, text: string, more: readonly string[]): void {
    const column = Math.max(...this.#names.map((name) => name.length)) + 4;
    const name = (this.#names[this.#done] ?? "").padEnd(column - 2);
    const width = this.#stdout.isTTY
      ? (this.#stdout.columns ?? 0) - column
      : Number.POSITIVE_INFINITY;
    const body = wrap([text, ...more].join("\n"), width);
    this.#stdout.write(`${mark} ${name}${body.replaceAll("\n", `\n${" ".repeat(column)}`)}\n`);
    this.#done += 1;
  }
}

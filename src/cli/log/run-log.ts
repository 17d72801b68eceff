import type { LogFormat } from "../../config/log-format.js";
import { ClosedPipeError, IncompleteExportError, SparkyEventsError } from "../../errors.js";
import { packageVersion } from "../../package-version.js";
import { toUtcSeconds } from "../../time/iso.js";
import { bugMessage, describeFailure, traceOf } from "../failures/describe-failure.js";
import { ReportedError } from "../failures/reported-error.js";
import type { Edges } from "../process/edges.js";
import { withoutSecrets } from "../settings/secrets.js";
import { createStyle } from "../terminal/style.js";
import { wrapFor } from "../terminal/wrap.js";

export type LogLevel = "info" | "notice" | "warning" | "error";

export interface RunLogOptions {
  readonly format: LogFormat;
  /** Whether errors only are wanted. */
  readonly quiet: boolean;
  /** Whether errors are told of with their causes. */
  readonly verbose: boolean;
  /** Whether each line of text begins with its time. */
  readonly timed: boolean;
}

/** What a run has to say: for people on standard error, or as JSON for programs. */
export class RunLog {
  readonly #edges: Edges;
  readonly #options: RunLogOptions;
  readonly #began: number;
  readonly #warnings: string[] = [];
  #run: object = { version: packageVersion() };
  #requests = 0;
  #step = { began: 0, requests: 0 };

  constructor(edges: Edges, options: RunLogOptions) {
    this.#edges = edges;
    this.#options = options;
    this.#began = edges.clock.now();
  }

  get isJson(): boolean {
    return this.#options.format === "json";
  }

  /** To be called for each request that is sent. */
  countRequest(): void {
    this.#requests += 1;
  }

  /**
   * Tells programs what a run is about; people know.
   *
   * @param run goes with the end of the run too
   */
  start(run: object, what: string): void {
    this.#run = { ...this.#run, ...run };
    if (this.isJson) {
      this.write("info", "started", `sparky-events ${packageVersion()}: ${what}`, this.#run);
    }
  }

  /** From here on, `stepWork` counts. */
  startStep(): void {
    this.#step = { began: this.#edges.clock.now(), requests: this.#requests };
  }

  /** What the step has taken that was started last. */
  stepWork(): { readonly seconds: number; readonly requests: number } {
    return {
      seconds: (this.#edges.clock.now() - this.#step.began) / 1_000,
      requests: this.#requests - this.#step.requests,
    };
  }

  /**
   * @param event what kind of thing happened, for programs
   * @param message what happened, for people
   * @param facts the same in parts, for programs
   */
  write(level: LogLevel, event: string, message: string, facts: object = {}): void {
    if (level === "warning") {
      this.#warnings.push(message);
    }
    if (!this.#options.quiet || level === "error") {
      this.#print(level, event, message, facts);
    }
  }

  /** A warning that is shown even where errors only are wanted. */
  insist(event: string, message: string, facts: object = {}): void {
    this.#warnings.push(message);
    this.#print("warning", event, message, facts);
  }

  /** The run did what it was to do. */
  finish(event: string, message: string, facts: object): void {
    this.write("info", event, message, { ...this.#outcome(), ...facts });
  }

  /** Tells of the failure that ends the run, and returns what is left to throw. */
  fail(error: unknown): unknown {
    if (this.isJson) {
      const isBug = !(error instanceof SparkyEventsError);
      this.#print("error", "failed", isBug ? bugMessage(error) : error.message, {
        ...this.#outcome(),
        ...this.#factsOf(error),
      });
      return new ReportedError(error);
    }
    if (!this.#options.timed || error instanceof ClosedPipeError) {
      // Told of by whoever ends the command.
      return error;
    }
    const { stderr, env } = this.#edges;
    const { verbose } = this.#options;
    this.#printText(describeFailure(error, { style: createStyle(stderr, env), verbose }));
    return new ReportedError(error);
  }

  #outcome(): object {
    return {
      ...this.#run,
      seconds: (this.#edges.clock.now() - this.#began) / 1_000,
      requests: this.#requests,
      warnings: this.#warnings,
    };
  }

  #factsOf(error: unknown): object {
    const isKnown = error instanceof SparkyEventsError;
    const trace = isKnown ? error.cause : error;
    return {
      complete: false,
      ...(error instanceof IncompleteExportError
        ? { events: error.arrived, totalCount: error.counted, files: error.kept }
        : {}),
      error: error instanceof Error ? error.name : "Error",
      hint: isKnown ? error.hint : "Run the same command again with --verbose, and report it.",
      exitCode: isKnown ? error.exitCode : 1,
      ...(this.#options.verbose && trace ? { trace: traceOf(trace) } : {}),
    };
  }

  #print(level: LogLevel, event: string, message: string, facts: object): void {
    if (this.isJson) {
      const time = new Date(this.#edges.clock.now()).toISOString();
      const line = JSON.stringify({ time, level, event, message, ...facts });
      this.#edges.stderr.write(`${withoutSecrets(line, this.#edges)}\n`);
      return;
    }
    const { dim, yellow, red } = createStyle(this.#edges.stderr, this.#edges.env);
    const labels = {
      info: "",
      notice: `${dim("note:")} `,
      warning: `${yellow("warning:")} `,
      error: `${red("error:")} `,
    };
    this.#printText(`${labels[level]}${message}\n`);
  }

  /** @param text whole lines */
  #printText(text: string): void {
    const { stderr, clock } = this.#edges;
    const shown = withoutSecrets(text, this.#edges);
    const time = this.#options.timed ? `${toUtcSeconds(clock.now())} ` : "";
    stderr.write(wrapFor(stderr, shown.replaceAll(/^(?=.)/gm, time)));
  }
}

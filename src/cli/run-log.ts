import type { LogFormat } from "../config/settings.js";
import type { Edges } from "./edges.js";
import { note, warn } from "./messages.js";
import { withoutSecrets } from "./secrets.js";
import { createStyle } from "./style.js";
import { wrapFor } from "./wrap.js";

export type LogLevel = "info" | "notice" | "warning" | "error";

/** What a run has to say: for people on standard error, or as JSON for a log collector. */
export class RunLog {
  readonly #edges: Edges;
  readonly #format: LogFormat;
  readonly #quiet: boolean;

  constructor(edges: Edges, format: LogFormat, quiet: boolean) {
    this.#edges = edges;
    this.#format = format;
    this.#quiet = quiet;
  }

  /**
   * @param event what kind of thing happened, for programs
   * @param message what happened, for people
   * @param facts the same in parts, for programs
   */
  write(level: LogLevel, event: string, message: string, facts: object = {}): void {
    if (this.#quiet && level !== "error") {
      return;
    }
    if (this.#format === "json") {
      const time = new Date(this.#edges.clock.now()).toISOString();
      const line = JSON.stringify({ time, level, event, message, ...facts });
      this.#edges.stderr.write(`${withoutSecrets(line, this.#edges)}\n`);
      return;
    }
    const { stderr, env } = this.#edges;
    const shown = withoutSecrets(message, this.#edges);
    switch (level) {
      case "info":
        stderr.write(`${wrapFor(stderr, shown)}\n`);
        return;
      case "notice":
        note(this.#edges, [message]);
        return;
      case "warning":
        warn(this.#edges, [message]);
        return;
      case "error":
        stderr.write(`${wrapFor(stderr, `${createStyle(stderr, env).red("error:")} ${shown}`)}\n`);
    }
  }
}

import type { AnswerReport, Wait } from "../api/client.js";
import type { Clock } from "../clock.js";
import type { ExportProgress, WorkbookProgress } from "../export/export-events.js";
import { formatDuration } from "../time/duration.js";
import { formatBytes, formatCount } from "./format.js";
import type { ProgressDisplay } from "./progress.js";

const interval = 10_000;

/** Plain lines, for logs: one now and then, or with `everyRequest` one per request. */
export class ProgressLines implements ProgressDisplay {
  readonly #write: (line: string) => void;
  readonly #clock: Clock;
  readonly #everyRequest: boolean;
  #lastLine: number;

  constructor(write: (line: string) => void, clock: Clock, everyRequest: boolean) {
    this.#write = write;
    this.#clock = clock;
    this.#everyRequest = everyRequest;
    this.#lastLine = clock.now();
  }

  start(): void {}

  progress({ events, totalCount }: ExportProgress): void {
    if (this.#everyRequest || this.#isDue()) {
      this.#write(
        `${formatCount(events)} of ${formatCount(totalCount)} events (${percentOf(events, totalCount)})`,
      );
    }
  }

  workbook({ rows, events }: WorkbookProgress): void {
    if (this.#isDue()) {
      this.#write(
        `writing the workbook: ${formatCount(rows)} of ${formatCount(events)} rows (${percentOf(rows, events)})`,
      );
    }
  }

  /** A short wait is nothing to write home about; a log that stands still is. */
  wait({ reason, milliseconds }: Wait): void {
    if (this.#everyRequest || milliseconds >= interval || this.#isDue()) {
      this.#write(`${reason}: trying again in ${formatDuration(milliseconds)}`);
    }
  }

  answer({ path, bytes, milliseconds }: AnswerReport): void {
    if (this.#everyRequest) {
      this.#write(`GET ${path}: ${formatBytes(bytes)} in ${formatDuration(milliseconds)}`);
    }
  }

  stop(): void {}

  #isDue(): boolean {
    const now = this.#clock.now();
    const due = now - this.#lastLine >= interval;
    if (due) {
      this.#lastLine = now;
    }
    return due;
  }
}

export function percentOf(events: number, totalCount: number): string {
  return `${totalCount === 0 ? 100 : Math.floor((100 * events) / totalCount)}%`;
}

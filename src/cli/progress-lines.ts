import type { AnswerReport, Wait } from "../api/client.js";
import type { Clock } from "../clock.js";
import type { ExportProgress, WorkbookProgress } from "../export/export-events.js";
import { formatDuration } from "../time/duration.js";
import { ArrivalRate } from "./arrival-rate.js";
import { formatBytes, formatCount } from "./format.js";
import type { ProgressDisplay } from "./progress.js";

const interval = 10_000;

/** Plain lines, for logs: one now and then, or with `everyRequest` one per request. */
export class ProgressLines implements ProgressDisplay {
  readonly #write: (line: string) => void;
  readonly #clock: Clock;
  readonly #everyRequest: boolean;
  readonly #rate: ArrivalRate;
  #lastLine: number;

  constructor(write: (line: string) => void, clock: Clock, everyRequest: boolean) {
    this.#write = write;
    this.#clock = clock;
    this.#everyRequest = everyRequest;
    this.#rate = new ArrivalRate(clock);
    this.#lastLine = clock.now();
  }

  start(): void {}

  progress({ events, totalCount, resumed }: ExportProgress): void {
    this.#rate.add(events - resumed);
    if (this.#everyRequest || this.#isDue()) {
      const { rate, left } = rateTexts(this.#rate, totalCount - events);
      const parts = [
        `${formatCount(events)} of ${formatCount(totalCount)} events (${percentOf(events, totalCount)})`,
        rate,
        left,
      ];
      this.#write(parts.filter((part) => part !== undefined).join(", "));
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

/** How fast it goes, and how long it takes until so many more events are there. */
export function rateTexts(
  rate: ArrivalRate,
  missing: number,
): { rate: string | undefined; left: string | undefined } {
  const perSecond = rate.perSecond();
  const left = missing > 0 ? rate.timeLeft(missing) : undefined;
  return {
    rate: perSecond === undefined ? undefined : `${formatCount(Math.round(perSecond))}/s`,
    left: left === undefined ? undefined : `${formatDuration(left)} left`,
  };
}

export function percentOf(events: number, totalCount: number): string {
  return `${totalCount === 0 ? 100 : Math.floor((100 * events) / totalCount)}%`;
}

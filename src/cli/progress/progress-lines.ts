import type { AnswerReport, Wait } from "../../api/client.js";
import type { Clock } from "../../clock.js";
import { formatCount } from "../../count.js";
import type { ExportProgress, WorkbookProgress } from "../../export/export-progress.js";
import { describeSize } from "../../size.js";
import { formatDuration } from "../../time/duration.js";
import { ArrivalRate } from "./arrival-rate.js";
import type { ProgressDisplay } from "./progress-display.js";

const interval = 10_000;

/** A line of a log. */
export interface ProgressLine {
  readonly event: "progress" | "workbook" | "waiting" | "request";
  readonly message: string;
  /** The same in parts, for programs. */
  readonly facts: object;
}

/** Plain lines, for logs: one now and then, or with `everyRequest` one per request. */
export class ProgressLines implements ProgressDisplay {
  readonly #write: (line: ProgressLine) => void;
  readonly #clock: Clock;
  readonly #everyRequest: boolean;
  readonly #rate: ArrivalRate;
  #lastLine: number;

  constructor(write: (line: ProgressLine) => void, clock: Clock, everyRequest: boolean) {
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
      this.#write({
        event: "progress",
        message: parts.filter((part) => part !== undefined).join(", "),
        facts: { events, totalCount, resumed, eventsPerSecond: this.#rate.perSecond() },
      });
    }
  }

  workbook({ rows, events }: WorkbookProgress): void {
    if (this.#isDue()) {
      this.#write({
        event: "workbook",
        message: `writing the workbook: ${formatCount(rows)} of ${formatCount(events)} rows (${percentOf(rows, events)})`,
        facts: { rows, events },
      });
    }
  }

  /** A short wait is nothing to write home about; a log that stands still is. */
  wait({ reason, milliseconds }: Wait): void {
    if (this.#everyRequest || milliseconds >= interval || this.#isDue()) {
      this.#write({
        event: "waiting",
        message: `${reason}: trying again in ${formatDuration(milliseconds)}`,
        facts: { reason, seconds: milliseconds / 1_000 },
      });
    }
  }

  answer({ path, bytes, milliseconds }: AnswerReport): void {
    if (this.#everyRequest) {
      this.#write({
        event: "request",
        message: `GET ${path}: ${describeSize(bytes)} in ${formatDuration(milliseconds)}`,
        facts: { path, bytes, seconds: milliseconds / 1_000 },
      });
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

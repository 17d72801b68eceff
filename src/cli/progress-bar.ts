import cliProgress from "cli-progress";
import type { Wait } from "../api/client.js";
import type { Clock } from "../clock.js";
import type { ExportProgress, WorkbookProgress } from "../export/export-events.js";
import { formatDuration } from "../time/duration.js";
import { ArrivalRate } from "./arrival-rate.js";
import { formatCount } from "./format.js";
import type { ProgressDisplay } from "./progress.js";
import { percentOf, rateParts } from "./progress-lines.js";
import type { Screen } from "./screen.js";
import { onOneLine } from "./table.js";

/** One line at the bottom of a terminal. */
export class ProgressBar implements ProgressDisplay {
  readonly #clock: Clock;
  readonly #bar: cliProgress.SingleBar;
  readonly #ticker: { timer?: NodeJS.Timeout } = {};
  #started = 0;
  #progress: ExportProgress | undefined;
  #rate: ArrivalRate;
  #workbook: WorkbookProgress | undefined;
  #waiting: { reason: string; until: number } | undefined;

  constructor({ stream }: Screen, clock: Clock) {
    this.#clock = clock;
    this.#rate = new ArrivalRate(clock);
    this.#bar = new cliProgress.SingleBar(
      {
        stream,
        format: "{bar} {text}",
        barsize: Math.min(24, Math.max(4, (stream.columns ?? 80) - 60)),
        hideCursor: true,
        clearOnComplete: true,
        // A signal ends the export first, which takes the bar down.
        gracefulExit: false,
      },
      cliProgress.Presets.shades_classic,
    );
  }

  start(): void {
    this.#started = this.#clock.now();
    this.#rate = new ArrivalRate(this.#clock);
    this.#bar.start(1, 0, { text: "asking SparkPost…" });
    this.#ticker.timer = setInterval(() => this.#show(), 1_000).unref();
  }

  progress(progress: ExportProgress): void {
    this.#progress = progress;
    this.#rate.add(progress.events - progress.resumed);
    this.#waiting = undefined;
    this.#show();
  }

  workbook({ rows, events }: WorkbookProgress): void {
    this.#workbook = { rows, events };
    this.#show();
  }

  wait({ reason, milliseconds }: Wait): void {
    this.#waiting = { reason, until: this.#clock.now() + milliseconds };
    this.#show();
  }

  answer(): void {
    this.#waiting = undefined;
  }

  stop(): void {
    clearInterval(this.#ticker.timer);
    this.#bar.stop();
  }

  #show(): void {
    if (this.#workbook) {
      const { rows, events } = this.#workbook;
      this.#bar.setTotal(Math.max(events, 1));
      this.#bar.update(rows, {
        text: `${percentOf(rows, events)} · writing the workbook…`,
      });
      return;
    }
    const { events, totalCount } = this.#progress ?? { events: 0, totalCount: 1 };
    this.#bar.setTotal(Math.max(totalCount, events, 1));
    this.#bar.update(this.#progress && totalCount === 0 ? 1 : events, {
      // It draws by itself.
      text: onOneLine(this.#text()),
    });
  }

  #text(): string {
    const waited = this.#waitText();
    if (!this.#progress) {
      const elapsed = this.#clock.now() - this.#started;
      return waited ?? `asking SparkPost… ${formatDuration(elapsed)}`;
    }
    const { events, totalCount } = this.#progress;
    const percent = percentOf(events, totalCount);
    if (waited) {
      return `${percent} · ${waited}`;
    }
    const parts = [percent, `${formatCount(events)} of ${formatCount(totalCount)} events`];
    return [...parts, ...rateParts(this.#rate, totalCount - events)].join(" · ");
  }

  #waitText(): string | undefined {
    const left = (this.#waiting?.until ?? 0) - this.#clock.now();
    return this.#waiting && left > 0
      ? `waiting ${Math.ceil(left / 1_000)} s: ${this.#waiting.reason}`
      : undefined;
  }
}

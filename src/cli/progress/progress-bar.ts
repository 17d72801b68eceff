import cliProgress from "cli-progress";
import type { Wait } from "../../api/client.js";
import type { Clock } from "../../clock.js";
import { formatCount } from "../../count.js";
import type { ExportProgress, WorkbookProgress } from "../../export/export-progress.js";
import { formatDuration } from "../../time/duration.js";
import { joinFitting, type Part } from "../terminal/join-fitting.js";
import type { Screen } from "../terminal/screen.js";
import { cut, onOneLine } from "../terminal/table.js";
import { ArrivalRate } from "./arrival-rate.js";
import type { ProgressDisplay } from "./progress-display.js";
import { percentOf, rateTexts } from "./progress-lines.js";

const usualWidth = 80;
/** The text has the rest of the line. */
const mostText = 60;

/** One line at the bottom of a terminal. */
export class ProgressBar implements ProgressDisplay {
  readonly #stream: NodeJS.WriteStream;
  readonly #barSize: number;
  readonly #clock: Clock;
  readonly #bar: cliProgress.SingleBar;
  readonly #ticker: { timer?: NodeJS.Timeout } = {};
  #started = 0;
  #progress: ExportProgress | undefined;
  #rate: ArrivalRate;
  #workbook: WorkbookProgress | undefined;
  #waiting: { reason: string; until: number } | undefined;

  constructor({ stream }: Screen, clock: Clock) {
    this.#stream = stream;
    this.#barSize = Math.min(24, Math.max(4, (stream.columns || usualWidth) - mostText));
    this.#clock = clock;
    this.#rate = new ArrivalRate(clock);
    this.#bar = new cliProgress.SingleBar(
      {
        stream,
        format: "{bar} {text}",
        barsize: this.#barSize,
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
    this.#bar.start(1, 0, { text: "asking for events…" });
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
        text: cut(`${percentOf(rows, events)} · writing the workbook…`, this.#room()),
      });
      return;
    }
    const { events, totalCount } = this.#progress ?? { events: 0, totalCount: 1 };
    this.#bar.setTotal(Math.max(totalCount, events, 1));
    this.#bar.update(this.#progress && totalCount === 0 ? 1 : events, {
      // It draws by itself.
      text: cut(onOneLine(this.#text()), this.#room()),
    });
  }

  /** Cells behind the bar and a space; the last one of a line makes some terminals begin the next. */
  #room(): number {
    return (this.#stream.columns || usualWidth) - this.#barSize - 2;
  }

  #text(): string {
    const waited = this.#waitText();
    if (!this.#progress) {
      const elapsed = this.#clock.now() - this.#started;
      return waited ?? `asking for events… ${formatDuration(elapsed)}`;
    }
    const { events, totalCount } = this.#progress;
    const percent = percentOf(events, totalCount);
    if (waited) {
      return `${percent} · ${waited}`;
    }
    const { rate, left } = rateTexts(this.#rate, totalCount - events);
    const parts: readonly (Part | undefined)[] = [
      { text: percent, worth: 4 },
      { text: `${formatCount(events)} of ${formatCount(totalCount)} events`, worth: 2 },
      rate === undefined ? undefined : { text: rate, worth: 1 },
      left === undefined ? undefined : { text: left, worth: 3 },
    ];
    return joinFitting(
      parts.filter((part) => part !== undefined),
      this.#room(),
    );
  }

  #waitText(): string | undefined {
    const left = (this.#waiting?.until ?? 0) - this.#clock.now();
    return this.#waiting && left > 0
      ? `waiting ${Math.ceil(left / 1_000)} s: ${this.#waiting.reason}`
      : undefined;
  }
}

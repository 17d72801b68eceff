import { DateTime } from "luxon";
import { onTestFinished } from "vitest";
import { generateEvents } from "../../src/sandbox/generated-events.js";
import { stringifyJson } from "../../src/sandbox/json-text.js";
import { startSandbox } from "../../src/sandbox/server.js";
import { eventList } from "./event-list.js";
import { type Lateness, withLateEvents } from "./late-events.js";

const day = 24 * 60 * 60 * 1000;
/** How long SparkPost keeps events. */
export const retention = 10 * day;

/** Columns of a file that tell its events apart; `sms_status` has no `event_id`. */
export const idColumns = ["event_id", "type", "timestamp", "message_id"];

export interface AccountOptions {
  readonly seed: number;
  /** When its events begin, in milliseconds since 1970. */
  readonly start: number;
  /** For how many days there are events; multiples of 10. */
  readonly days: number;
  readonly eventsPerDay: number;
  readonly lateness?: Omit<Lateness, "seed">;
  readonly latency?: number;
}

/** An account whose events happen, arrive, and leave SparkPost while a test moves the clock. */
export class SimulatedAccount {
  /** In milliseconds since 1970. */
  now: number;
  /** Share of the requests that fail: 1 is an outage. */
  failRate = 0;
  /** Called at each request. */
  onRequest = () => {};
  origin = "";
  readonly #events: readonly SimulatedEvent[];

  static async start(options: AccountOptions): Promise<SimulatedAccount> {
    const { source, events } = makeEvents(options);
    const account = new SimulatedAccount(options.start, events);
    const sandbox = await startSandbox({
      source,
      seed: options.seed,
      latency: options.latency,
      now: () => account.now,
      failRate: () => {
        account.onRequest();
        return account.failRate;
      },
    });
    onTestFinished(() => sandbox.close());
    account.origin = sandbox.origin;
    return account;
  }

  private constructor(now: number, events: readonly SimulatedEvent[]) {
    this.now = now;
    this.#events = events;
  }

  /** What a command needs to reach the account, at this time. */
  get env(): Record<string, string> {
    return { SPARKPOST_API_KEY: "any", CLOCK: new Date(this.now).toISOString() };
  }

  /** Every event of a range of time, whether it arrived or left or not. */
  eventsIn({ from, to }: Range): SimulatedEvent[] {
    return this.#events.filter(({ time }) => time >= from && time < to);
  }

  /** Every event of a range of time that SparkPost had at a time. */
  eventsAt(range: Range, at = this.now): SimulatedEvent[] {
    return this.eventsIn(range).filter(
      ({ time, arrival }) => time >= at - retention && time <= at && arrival <= at,
    );
  }
}

export interface SimulatedEvent {
  readonly time: number;
  readonly arrival: number;
  readonly type: string;
  /** What is in `idColumns`. */
  readonly id: string;
}

/** In milliseconds since 1970; `to` is exclusive. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A local day, such as `2026-11-19`. */
export function rangeOf(date: string, zone: string): Range {
  const start = DateTime.fromISO(date, { zone });
  return { from: start.toMillis(), to: start.plus({ days: 1 }).toMillis() };
}

export function idOf(event: Readonly<Record<string, unknown>>): string {
  return idColumns.map((column) => event[column] ?? "").join(" ");
}

/** The generator makes 10 days, so several of its runs follow each other. */
function makeEvents({ seed, start, days, eventsPerDay, lateness }: AccountOptions) {
  const spans = Array.from({ length: days / 10 }, (_, span) =>
    generateEvents({
      events: eventsPerDay * 10,
      seed: seed * 1000 + span,
      now: start + (span + 1) * retention,
    }),
  );
  const list = eventList(
    spans.flatMap((span) =>
      Array.from({ length: span.length }, (_, index) =>
        JSON.parse(stringifyJson(span.event(index))),
      ),
    ),
  );
  const source = withLateEvents(list, { share: 0, longest: 0, ...lateness, seed });
  const events = Array.from({ length: source.length }, (_, index) => ({
    time: source.timestampOf(index),
    arrival: source.availableAt(index),
    type: source.typeOf(index),
    id: idOf(source.event(index)),
  }));
  return { source, events };
}

import { unitLength } from "../time/units.js";

/** What a request may take of the server. */
export interface Limit {
  readonly unit: "count" | "milliseconds" | "bytes";
  readonly value: number;
  readonly help: string;
}

const { second, minute } = unitLength;

/** Every limit of a server; README has the same table. Settings change some of them. */
export const limits = {
  perPage: { unit: "count", value: 10_000, help: "events in a page" },
  queryTime: { unit: "milliseconds", value: 30 * second, help: "a search; then 503" },
  searches: { unit: "count", value: 4, help: "searches at once; others wait" },
  answers: {
    unit: "count",
    value: 32,
    help: "answers to searches at once, from the search until the client has all of it; others wait",
  },
  waiting: { unit: "milliseconds", value: 10 * second, help: "waiting for those; then 503" },
  connections: { unit: "count", value: 1_000, help: "connections; others are closed" },
  headers: { unit: "bytes", value: 32_000, help: "headers of a request; then 431" },
  body: {
    unit: "bytes",
    value: 64_000,
    help: "body of a request, which nothing asks for; then 413",
  },
  headersTime: { unit: "milliseconds", value: 10 * second, help: "sending the headers; then 408" },
  requestTime: { unit: "milliseconds", value: 30 * second, help: "sending a request; then 408" },
  idleTime: { unit: "milliseconds", value: 65 * second, help: "between two requests" },
  stallTime: { unit: "milliseconds", value: 30 * second, help: "taking nothing of an answer" },
  sendTime: { unit: "milliseconds", value: 10 * minute, help: "taking all of an answer" },
  drainTime: {
    unit: "milliseconds",
    value: 10 * second,
    help: "ending what runs when it is stopped",
  },
  wrongKeys: {
    unit: "count",
    value: 20,
    help: "wrong keys from an address, and as many a minute; then 429 to wrong ones",
  },
} as const satisfies Record<string, Limit>;

export type Limits = Readonly<Record<keyof typeof limits, number>>;

export const defaultLimits = Object.fromEntries(
  Object.entries(limits).map(([name, { value }]) => [name, value]),
) as Limits;

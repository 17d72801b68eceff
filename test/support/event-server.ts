import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DateTime } from "luxon";
import { onTestFinished } from "vitest";
import { hasNoDescription } from "./no-description.js";

export interface ServedEvent extends Record<string, unknown> {
  readonly timestamp: string;
  readonly event_id: string;
}

/** An account whose server has ways of its own; all of it may change while the server runs. */
export interface Account {
  events: readonly ServedEvent[];
  /** Called before each page, with its number among all that were asked for, from 1. */
  onPage?: ((number: number) => void | Promise<void>) | undefined;
  /** Whether the Events API takes `to` as inclusive. */
  inclusiveTo?: boolean | undefined;
  /** Whether each page but the first begins with the last event of the one before. */
  repeatsBorder?: boolean | undefined;
  /** Whether `total_count` has those too. */
  countsRepetitions?: boolean | undefined;
  /** Whether an event passes the filters of a request; default: it has none. */
  matches?: ((event: ServedEvent, parameters: URLSearchParams) => boolean) | undefined;
  /** The event as it is sent. */
  show?: ((event: ServedEvent) => object) | undefined;
}

export interface EventServer {
  readonly origin: string;
  /** Paths with queries, in the order they were asked for. */
  readonly requests: string[];
}

const minute = 60_000;

/** A server of both APIs, newest first; requests for a single event only count. */
export async function startEventServer(account: Account): Promise<EventServer> {
  const requests: string[] = [];
  let pages = 0;
  const server = createServer(async (request, response) => {
    if (hasNoDescription(request, response)) {
      return;
    }
    const url = new URL(request.url ?? "", "http://localhost");
    requests.push(request.url ?? "");
    if (url.searchParams.get("per_page") !== "1") {
      pages += 1;
      await account.onPage?.(pages);
    }
    response.end(JSON.stringify(answer(account, url)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

function answer(account: Account, url: URL) {
  const { searchParams } = url;
  const isLegacy = url.pathname.endsWith("/message-events");
  const found = account.events
    .filter(isLegacy ? legacyRange(searchParams) : eventsRange(searchParams, account))
    .filter((event) => account.matches?.(event, searchParams) ?? true)
    .sort((a, b) => timeOf(b) - timeOf(a));
  const perPage = Number(searchParams.get("per_page"));
  const step = perPage > 1 && account.repeatsBorder ? perPage - 1 : perPage;
  const page = Number(searchParams.get("page"));
  const cursor = searchParams.get("cursor") ?? "initial";
  const start = isLegacy
    ? (page - 1) * step
    : cursor === "initial"
      ? 0
      : found.findIndex(({ event_id }) => event_id === cursor);
  const next = start + step;
  const hasNext = start + perPage < found.length;
  const link = new URL(url);
  if (isLegacy) {
    link.searchParams.set("page", `${page + 1}`);
  } else {
    link.searchParams.set("cursor", found[next]?.event_id ?? "");
  }
  const href = link.pathname + link.search;
  const links = isLegacy ? [{ rel: "next", href }] : { next: href };
  const repetitions =
    account.countsRepetitions && perPage > 1
      ? Math.ceil((found.length - 1) / (perPage - 1)) - 1
      : 0;
  return {
    results: found.slice(start, start + perPage).map(account.show ?? ((event) => event)),
    total_count: found.length + repetitions,
    links: hasNext ? links : {},
  };
}

function eventsRange(parameters: URLSearchParams, { inclusiveTo = false }: Account) {
  const from = Date.parse(parameters.get("from") ?? "");
  const to = Date.parse(parameters.get("to") ?? "");
  return (event: ServedEvent) =>
    timeOf(event) >= from && (timeOf(event) < to || (inclusiveTo && timeOf(event) === to));
}

function legacyRange(parameters: URLSearchParams) {
  const zone = parameters.get("timezone") ?? "UTC";
  const [from = 0, to = 0] = ["from", "to"].map((name) =>
    DateTime.fromISO(parameters.get(name) ?? "", { zone }).toMillis(),
  );
  return (event: ServedEvent) => timeOf(event) >= from && timeOf(event) < to + minute;
}

/** Every request looks at every event, and reading its time takes longest by far. */
const times = new WeakMap<ServedEvent, number>();

function timeOf(event: ServedEvent): number {
  const known = times.get(event);
  if (known !== undefined) {
    return known;
  }
  const time = Date.parse(event.timestamp);
  times.set(event, time);
  return time;
}

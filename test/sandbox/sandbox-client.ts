import { afterAll, beforeAll } from "vitest";
import type { EventSource } from "../../src/sandbox/event-source.js";
import { generateEvents } from "../../src/sandbox/generated-events.js";
import { stringifyJson } from "../../src/sandbox/json-text.js";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../src/sandbox/server.js";

/** Two days after the clocks of Europe went forward, so the events lie on both sides of that. */
export const NOW = Date.UTC(2026, 2, 31, 15, 20, 30, 456);

export const EVENTS_PATH = "/api/v1/events/message";
export const LEGACY_PATH = "/api/v1/message-events";

/** Parameters that take in all the events there are. */
export const wholeRange = { from: "2026-03-21T00:00:00Z", to: "2026-04-01T00:00:00Z" };
export const wholeLegacyRange = { from: "2026-03-21T00:00", to: "2026-04-01T00:00" };

export type Event = Record<string, unknown>;

export interface Page {
  results: Event[];
  total_count: number;
  links: { next?: string };
}

export interface LegacyPage {
  results: Event[];
  total_count: number;
  links: { rel: string; href: string }[];
}

export interface SandboxClient {
  readonly clock: { now: number };
  get(target: string, init?: RequestInit): Promise<Response>;
  /** The body of an answer that has to have the status 200. */
  page<Body>(path: string, parameters: Record<string, string>): Promise<Body>;
  /** All pages of a query to the Events API. */
  pages(parameters: Record<string, string>): Promise<Page[]>;
}

/** A server for the tests of the file, with a clock that the tests move. */
export function useSandbox(
  source: EventSource,
  options: Partial<SandboxOptions> = {},
): SandboxClient {
  const clock = { now: NOW };
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ source, now: () => clock.now, ...options });
  });
  afterAll(() => sandbox.close());

  function get(target: string, init: RequestInit = {}): Promise<Response> {
    return fetch(sandbox.origin + target, { headers: { authorization: "any key" }, ...init });
  }

  async function page<Body>(path: string, parameters: Record<string, string>): Promise<Body> {
    const response = await get(`${path}?${new URLSearchParams(parameters)}`);
    if (response.status !== 200) throw new Error(await response.text());
    return (await response.json()) as Body;
  }

  async function pages(parameters: Record<string, string>): Promise<Page[]> {
    const all = [await page<Page>(EVENTS_PATH, parameters)];
    for (let next = all[0]?.links.next; next; next = all.at(-1)?.links.next) {
      all.push((await (await get(next)).json()) as Page);
    }
    return all;
  }

  return { clock, get, page, pages };
}

/** The times that a query finds among events which happened at `times`, newest first. */
export async function findTimes(
  times: number[],
  path: string,
  parameters: Record<string, string>,
): Promise<number[]> {
  const event = (i: number): Event => ({ timestamp: new Date(times[i]!).toISOString() });
  const source: EventSource = {
    length: times.length,
    timestampOf: (i) => times[i]!,
    typeOf: () => "open",
    propertyOf: () => undefined,
    event,
    json: (indices) => [Buffer.from(Array.from(indices, (i) => stringifyJson(event(i))).join())],
  };
  const sandbox = await startSandbox({ source, now: () => NOW });
  const response = await fetch(`${sandbox.origin}${path}?${new URLSearchParams(parameters)}`, {
    headers: { authorization: "any key" },
  });
  const { results } = (await response.json()) as Page;
  await sandbox.close();
  return results.map(({ timestamp }) => Date.parse(String(timestamp)));
}

/** The events as JSON.parse would show them, newest first. */
export function parsedEvents(source: EventSource): Event[] {
  return Array.from({ length: source.length }, (_, i) =>
    JSON.parse(stringifyJson(source.event(i))),
  );
}

export function makeSource(events: number, seed = 1): EventSource {
  return generateEvents({ events, seed, now: NOW });
}

/** All the events' JSON in one text. */
export function jsonOf(source: EventSource): string {
  const indices = Uint32Array.from({ length: source.length }, (_, i) => i);
  return Buffer.concat(source.json(indices)).toString();
}

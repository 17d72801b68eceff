import { coveragePath, descriptionPath } from "../api/host-coverage.js";
import type { EventSearch } from "../events-api/event-search.js";
import { parseRange } from "../events-api/query.js";
import { eventsApiRoutes } from "../events-api/routes.js";
import { jsonAnswer } from "../http/answer.js";
import type { Route } from "../http/route.js";
import type { Coverage } from "../time/coverage.js";
import { toUtcSeconds } from "../time/iso.js";
import type { TimeSpan } from "../time/retention.js";
import { createHealth } from "./health.js";
import type { Limits } from "./limits.js";

/** What a server needs to know of a store. */
export interface ServedStore {
  readonly search: EventSearch;
  /** What it lacks of a range. */
  coverage(range: TimeSpan, signal: AbortSignal): Promise<Coverage>;
  /** Rejects where the store cannot be searched. */
  check(): Promise<void>;
}

/** Every route of a server. */
export function serverRoutes(
  { search, coverage, check }: ServedStore,
  { limits, now }: { readonly limits: Limits; readonly now: () => number },
): readonly Route[] {
  const isHealthy = createHealth(check, now);
  return [
    ...eventsApiRoutes(search, { now, mostPerPage: limits.perPage }),
    {
      method: "GET",
      path: "/healthz",
      access: "everybody",
      answer: async () =>
        (await isHealthy())
          ? jsonAnswer(200, { status: "ok" })
          : jsonAnswer(503, { status: "unavailable" }),
    },
    {
      method: "GET",
      path: descriptionPath,
      access: "everybody",
      // SparkPost keeps events for 10 days, and a store for good.
      answer: () => jsonAnswer(200, { retention: "unlimited", coverage: coveragePath }),
    },
    {
      method: "GET",
      path: coveragePath,
      access: "search",
      answer: async ({ parameters, signal }) => {
        const { missing, unproven } = await coverage(parseRange(parameters, now()), signal);
        return jsonAnswer(200, { missing: missing.map(writeSpan), unproven });
      },
    },
  ];
}

function writeSpan({ from, to }: TimeSpan): object {
  return { from: toUtcSeconds(from), to: toUtcSeconds(to) };
}

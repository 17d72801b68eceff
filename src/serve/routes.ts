import type { EventSearch } from "../events-api/event-search.js";
import { eventsApiRoutes } from "../events-api/routes.js";
import { jsonAnswer } from "../http/answer.js";
import type { Route } from "../http/route.js";
import { createHealth } from "./health.js";
import type { Limits } from "./limits.js";

/** What a server needs to know of a store. */
export interface ServedStore {
  readonly search: EventSearch;
  /** Rejects where the store cannot be searched. */
  check(): Promise<void>;
}

/** Every route of a server. */
export function serverRoutes(
  { search, check }: ServedStore,
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
      path: "/.well-known/sparky-events",
      access: "everybody",
      // SparkPost keeps events for 10 days, and a store for good.
      answer: () => jsonAnswer(200, { retention: "unlimited" }),
    },
  ];
}

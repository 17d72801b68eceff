import type { Route } from "../http/route.js";
import { answerDocumentation, answerSamples } from "./catalog-answers.js";
import type { EventSearch } from "./event-search.js";
import { eventsPath, legacyPath, SearchAnswers, type SearchOptions } from "./search-answers.js";

/** SparkPost's two event APIs, over any events. */
export function eventsApiRoutes(search: EventSearch, options: SearchOptions): readonly Route[] {
  const searches = new SearchAnswers(search, options);
  return [
    {
      method: "GET",
      path: eventsPath,
      access: "search",
      answer: (request) => searches.answerEvents(request),
    },
    {
      method: "GET",
      path: legacyPath,
      access: "search",
      answer: (request) => searches.answerLegacy(request),
    },
    {
      method: "GET",
      path: `${eventsPath}/documentation`,
      access: "search",
      answer: ({ parameters }) => answerDocumentation(parameters),
    },
    {
      method: "GET",
      path: `${eventsPath}/samples`,
      access: "search",
      answer: ({ parameters }) => answerSamples(parameters),
    },
  ];
}

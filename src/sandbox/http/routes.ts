import type { IncomingMessage } from "node:http";
import type { EventSource } from "../event-source.js";
import { type Answer, ApiError } from "./answer.js";
import { answerDocumentation, answerSamples } from "./metadata.js";
import { eventsPath, legacyPath, SearchAnswers } from "./search-answers.js";

const longestUri = 4096;

type Endpoint = (parameters: URLSearchParams) => Answer;

/**
 * Finds the endpoint that a request is for, and checks that the request may use it.
 *
 * The function returned throws ApiError 401, 403, 404, 405 or 414.
 */
export function createRouter(
  source: EventSource,
  now: () => number,
): (request: IncomingMessage) => () => Answer {
  const searches = new SearchAnswers(source, now);
  const endpoints = new Map<string, Endpoint>([
    [eventsPath, (parameters) => searches.answerEvents(parameters)],
    [legacyPath, (parameters) => searches.answerLegacy(parameters)],
    [`${eventsPath}/documentation`, answerDocumentation],
    [`${eventsPath}/samples`, answerSamples],
  ]);
  return ({ method, headers, url }) => {
    const uri = `http://${headers.host}${url}`;
    if (uri.length > longestUri) throw new ApiError(414, "Request-URI Too Large");
    const [path, query] = splitTarget(url!);
    const endpoint = endpoints.get(path);
    if (!endpoint) throw new ApiError(404, "Resource could not be found");
    if (method !== "GET" && method !== "HEAD") throw new ApiError(405, "Method Not Allowed");
    checkKey(headers.authorization);
    return () => endpoint(new URLSearchParams(query));
  };
}

/** Not by `new URL`: that would quietly mend what the client got wrong. */
function splitTarget(target: string): [path: string, query: string] {
  const mark = target.indexOf("?");
  return mark < 0 ? [target, ""] : [target.slice(0, mark), target.slice(mark + 1)];
}

/** Takes any key but two that play the parts of a wrong one and of one without the grant. */
function checkKey(key: string | undefined): void {
  if (!key || key === "unauthorized") throw new ApiError(401, "Unauthorized.");
  if (key === "forbidden") throw new ApiError(403, "Forbidden.");
}

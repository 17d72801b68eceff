import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { ServiceError } from "../errors.js";
import { type Answer, errorAnswer, HttpError, tryAgainLater } from "./answer.js";
import type { Authenticate, Caller, Route } from "./route.js";

const longestUri = 4096;

const secondsToWait = 10;

/** What became of a request. */
export interface Outcome {
  readonly answer: Answer;
  /** Absent where there is none for the request. */
  readonly route: Route | undefined;
  /** Absent where nobody asked who it is, or it is not known. */
  readonly caller: Caller | undefined;
  /** What nobody expected; the client is told its id, and no more. */
  readonly failure: { readonly id: string; readonly cause: unknown } | undefined;
}

/** Answers requests by the table of routes, each for those only who may call it. */
export function createRouter(
  routes: readonly Route[],
  authenticate: Authenticate,
): (request: IncomingMessage, signal: AbortSignal) => Promise<Outcome> {
  const byPath = new Map(routes.map((route) => [route.path, route]));
  return async (request, signal) => {
    let route: Route | undefined;
    let caller: Caller | undefined;
    try {
      const { path, parameters } = readTarget(request);
      route = byPath.get(path);
      refuseMethod(request, route);
      if (route.access !== "everybody") {
        caller = await authenticate(request, route.access);
      }
      const answer = await route.answer({ parameters, signal });
      return { answer, route, caller, failure: undefined };
    } catch (error) {
      if (error instanceof HttpError) {
        return { answer: errorAnswer(error), route, caller, failure: undefined };
      }
      const id = randomUUID();
      const answer = errorAnswer(unexpected(error, id));
      return { answer, route, caller, failure: { id, cause: error } };
    }
  };
}

/** What nobody expected, without its cause: that is for the log. */
function unexpected(error: unknown, id: string): HttpError {
  const description = `The log has the cause, as ${id}.`;
  return error instanceof ServiceError
    ? tryAgainLater(description, secondsToWait)
    : new HttpError(500, "Internal Server Error", { description });
}

function readTarget({ headers, url = "" }: IncomingMessage) {
  if (`http://${headers.host}${url}`.length > longestUri) {
    throw new HttpError(414, "Request-URI Too Large");
  }
  // Not by `new URL`: that would quietly mend what the client got wrong.
  const mark = url.indexOf("?");
  const [path, query] = mark < 0 ? [url, ""] : [url.slice(0, mark), url.slice(mark + 1)];
  return { path, parameters: new URLSearchParams(query) };
}

function refuseMethod(
  { method }: IncomingMessage,
  route: Route | undefined,
): asserts route is Route {
  if (!route) {
    throw new HttpError(404, "Resource could not be found");
  }
  if (method !== route.method && method !== "HEAD") {
    throw new HttpError(405, "Method Not Allowed", { headers: { allow: "GET, HEAD" } });
  }
}

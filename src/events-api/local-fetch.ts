import { type Answer, errorAnswer, HttpError } from "../http/answer.js";
import type { EventSearch } from "./event-search.js";
import { eventsApiRoutes } from "./routes.js";
import type { SearchOptions } from "./search-answers.js";

/** A `fetch` that is answered by a search within this process, as a server would answer it. */
export function localFetch(search: EventSearch, options: SearchOptions): typeof fetch {
  const routes = new Map(eventsApiRoutes(search, options).map((route) => [route.path, route]));
  const answerTo = async (url: URL, signal: AbortSignal): Promise<Answer> => {
    const route = routes.get(url.pathname);
    try {
      if (!route) {
        throw new HttpError(404, "Resource could not be found");
      }
      return await route.answer({ parameters: url.searchParams, signal });
    } catch (error) {
      if (error instanceof HttpError) {
        return errorAnswer(error);
      }
      throw error;
    }
  };
  return async (input, { signal } = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const { status, headers, chunks } = await answerTo(url, signal ?? new AbortController().signal);
    return new Response(ReadableStream.from(chunks), { status, headers });
  };
}

import { HttpError, tryAgainLater } from "../http/answer.js";
import { whenAborted } from "../http/end-of.js";
import { formatDuration } from "../time/duration.js";
import { Gate } from "./gate.js";
import type { Limits } from "./limits.js";
import type { ServedStore } from "./routes.js";

/** Seconds after which a client may ask again. */
const retryAfter = 10;

/** The same store, but what is asked of it does not take too long, nor is too much of it at once. */
export function limitStore(
  { search, coverage, check }: ServedStore,
  { searches, answers, waiting, queryTime }: Limits,
): ServedStore {
  const searchGate = new Gate(searches);
  const answerGate = new Gate(answers);

  async function enter(gate: Gate, signal: AbortSignal): Promise<() => void> {
    const leave = await gate.enter(waiting, signal);
    if (!leave) {
      throw signal.aborted ? clientGone() : tooMany();
    }
    return leave;
  }

  async function limited<Found>(
    signal: AbortSignal,
    find: (end: AbortSignal) => Promise<Found>,
  ): Promise<Found> {
    const leaveSearches = await enter(searchGate, signal);
    return await withinTime(queryTime, signal, async (end) => {
      try {
        return await find(end);
      } finally {
        // It may have been given up before it ended.
        leaveSearches();
      }
    });
  }

  return {
    search: {
      async find(query, page, signal) {
        // What is found is held in memory until the client has it.
        const leaveAnswers = await enter(answerGate, signal);
        whenAborted(signal, leaveAnswers);
        return await limited(signal, (end) => search.find(query, page, end));
      },
    },
    coverage: (range, signal) => limited(signal, (end) => coverage(range, end)),
    check,
  };
}

async function withinTime<Found>(
  most: number,
  signal: AbortSignal,
  find: (end: AbortSignal) => Promise<Found>,
): Promise<Found> {
  const end = new AbortController();
  const giveUp = (): void => end.abort(clientGone());
  whenAborted(signal, giveUp);
  const timer = setTimeout(() => end.abort(tooLong(most)), most);
  try {
    const givenUp = new Promise<never>((_, reject) => {
      whenAborted(end.signal, () => reject(end.signal.reason));
    });
    return await Promise.race([find(end.signal), givenUp]);
  } catch (error) {
    // A database has words of its own for a query that was cancelled.
    throw end.signal.aborted ? end.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
  }
}

function tooLong(most: number): HttpError {
  return tryAgainLater(
    `The search took longer than ${formatDuration(most)}. Search a shorter range, or with more filters.`,
    retryAfter,
  );
}

function tooMany(): HttpError {
  return tryAgainLater("There are too many searches at once.", retryAfter);
}

/** Nobody gets this answer; the log has it, with the number that servers use for that. */
function clientGone(): HttpError {
  return new HttpError(499, "Client Closed Request");
}

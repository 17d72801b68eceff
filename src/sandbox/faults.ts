import { type Answer, errorAnswer, HttpError, jsonAnswer, textAnswer } from "../http/answer.js";
import { mix } from "./mix.js";

/** Every way in which a request can go wrong on purpose. */
export const faults = [
  "internal error",
  "could not proceed",
  "unavailable page",
  "empty timeout",
  "connection reset",
  "cut body",
  "truncated json",
  "errors with status 200",
] as const;

export type Fault = (typeof faults)[number];

/**
 * Decides for one request after another whether it fails, and how; the same for the same seed.
 *
 * @param rateNow share of requests that fail, 0 to 1; asked for each request
 */
export function createFaultSequence(rateNow: () => number, seed: number): () => Fault | undefined {
  let request = 0;
  return () => {
    const rate = rateNow();
    const value = mix(mix(seed, 0xfa17), request++) / 2 ** 32;
    return value < rate ? faults[Math.floor((value / rate) * faults.length)] : undefined;
  };
}

/** An answer that breaks its connection. */
export interface BrokenAnswer extends Answer {
  readonly breaks: "connection reset" | "cut body";
}

/** What a failing request gets in place of its true answer. */
export function spoilAnswer(answer: Answer, fault: Fault | undefined): Answer | BrokenAnswer {
  switch (fault) {
    case "internal error":
      return errorAnswer(new HttpError(500, "Internal Server Error"));
    case "could not proceed":
      return errorAnswer(new HttpError(502, "Could not proceed (502 error)"));
    case "unavailable page":
      return textAnswer(
        503,
        "text/html",
        "<html><head><title>503</title></head><body><h1>503 Service Unavailable</h1></body></html>\n",
      );
    case "empty timeout":
      return { status: 504, headers: {}, chunks: [] };
    case "truncated json": {
      const body = Buffer.concat(answer.chunks);
      return { ...answer, chunks: [body.subarray(0, Math.floor(body.length / 2))] };
    }
    case "errors with status 200":
      return jsonAnswer(200, { errors: [{ message: "Internal Server Error", code: "1500" }] });
    case "connection reset":
    case "cut body":
      return { ...answer, breaks: fault };
    case undefined:
      return answer;
  }
}

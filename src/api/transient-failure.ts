/** A failure that may pass: the same request can be sent again unchanged. */
export class TransientFailure extends Error {
  override name = "TransientFailure";

  constructor(
    /** Why, in a few words that fit into a sentence. */
    message: string,
    readonly details: {
      /** Whether the request was refused because there were too many (429). */
      readonly rateLimited?: boolean | undefined;
      /** What the server asked to wait, in milliseconds. */
      readonly retryAfter?: number | undefined;
      /** Whether the server answered at all. */
      readonly reached: boolean;
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: details.cause });
  }
}

/** One complete HTTP answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly chunks: readonly Uint8Array[];
  /** Number of events in it, for the log. */
  readonly events?: number;
}

/** A failure that the client is told about, in the words of SparkPost's error bodies. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly description: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly status: number,
    message: string,
    details: {
      readonly description?: string;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(message);
    this.description = details.description;
    this.headers = details.headers ?? {};
  }
}

/** The 400 that a bad query parameter gets. */
export function badParameter(description: string): HttpError {
  return new HttpError(400, "Invalid parameter", { description });
}

/** The 503 of what may go well later. */
export function tryAgainLater(description: string, seconds: number): HttpError {
  return new HttpError(503, "Service Unavailable", {
    description,
    headers: { "retry-after": String(seconds) },
  });
}

export function jsonAnswer(status: number, body: unknown): Answer {
  return textAnswer(status, "application/json", JSON.stringify(body));
}

export function textAnswer(status: number, contentType: string, body: string): Answer {
  return {
    status,
    headers: { "content-type": contentType },
    chunks: [Buffer.from(body)],
  };
}

export function errorAnswer({ status, message, description, headers }: HttpError): Answer {
  const error = description === undefined ? { message } : { message, description };
  const answer = jsonAnswer(status, { errors: [error] });
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

/** Length of the answer's body, in bytes. */
export function contentLength({ chunks }: Answer): number {
  return chunks.reduce((total, chunk) => total + chunk.length, 0);
}

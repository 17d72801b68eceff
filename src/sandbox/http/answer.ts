import { stringifyJson } from "../json-text.js";

/** One complete HTTP answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly chunks: readonly Uint8Array[];
}

/** A failure that the API tells its client about, in the words of SparkPost's error bodies. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    message: string,
    readonly description?: string,
  ) {
    super(message);
  }
}

/** The 400 that a bad query parameter gets. */
export function badParameter(description: string): ApiError {
  return new ApiError(400, "Invalid parameter", description);
}

export function jsonAnswer(status: number, body: unknown): Answer {
  return textAnswer(status, "application/json", stringifyJson(body));
}

export function textAnswer(status: number, contentType: string, body: string): Answer {
  return {
    status,
    headers: { "content-type": contentType },
    chunks: [Buffer.from(body)],
  };
}

export function errorAnswer({ status, message, description }: ApiError): Answer {
  const error = description === undefined ? { message } : { message, description };
  return jsonAnswer(status, { errors: [error] });
}

/** Length of the answer's body, in bytes. */
export function contentLength({ chunks }: Answer): number {
  return chunks.reduce((total, chunk) => total + chunk.length, 0);
}

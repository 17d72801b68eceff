import { PageBuffer } from "../page-buffer.js";
import { MalformedAnswerError } from "./answer.js";
import { ApiClient, type Connection } from "./client.js";

export interface DocumentedType {
  readonly type: string;
  readonly properties: Readonly<Record<string, DocumentedProperty>>;
}

export interface DocumentedProperty {
  readonly description: string;
  readonly sample: unknown;
}

/**
 * Asks for SparkPost's own description of its event types, with one request.
 *
 * Source: SparkPost API documentation, "Events API: Get Events Documentation": an entry per event
 * type, `{"type": {"description", "sampleValue": "bounce"}, "timestamp": {…}, …}`.
 *
 * @throws KeyRefusedError, RejectedRequestError, ServiceError, UsageError, or the signal's reason
 */
export async function fetchDocumentation(connection: Connection): Promise<DocumentedType[]> {
  const client = new ApiClient(connection);
  try {
    const body = new PageBuffer();
    return await client.get("/api/v1/events/message/documentation", body, () =>
      readDocumentation(body.bytes()),
    );
  } finally {
    await client.close();
  }
}

function readDocumentation(body: Uint8Array): DocumentedType[] {
  const { results } = asObject(parseJson(body));
  if (!Array.isArray(results)) {
    throw new MalformedAnswerError("the answer has no results");
  }
  return results.map((entry) => {
    const type = asObject(asObject(entry).type).sampleValue;
    if (typeof type !== "string") {
      throw new MalformedAnswerError("the answer describes a type without a name");
    }
    const properties = Object.entries(asObject(entry)).map(([name, value]) => {
      const { description, sampleValue } = asObject(value);
      return [name, { description: String(description ?? ""), sample: sampleValue ?? undefined }];
    });
    return { type, properties: Object.fromEntries(properties) };
  });
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch (error) {
    throw new MalformedAnswerError("the answer is not whole JSON", { cause: error });
  }
}

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null) {
    throw new MalformedAnswerError("the answer is not the documentation of events");
  }
  return value as Record<string, unknown>;
}

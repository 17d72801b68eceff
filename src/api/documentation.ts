import { MalformedAnswerError } from "./answer.js";
import { ApiClient, type Connection } from "./client.js";
import { WholeBody } from "./whole-body.js";
import { withoutKey } from "./without-key.js";

/** No property of an event has a sample that goes deeper. */
const mostDepth = 100;

export interface DocumentedType {
  readonly type: string;
  readonly properties: Readonly<Record<string, DocumentedProperty>>;
}

interface DocumentedProperty {
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
    const body = new WholeBody();
    return await client.get("/api/v1/events/message/documentation", body, () =>
      readDocumentation(withoutKeyIn(body.json(), connection.apiKey)),
    );
  } finally {
    client.close();
  }
}

function readDocumentation(answer: unknown): DocumentedType[] {
  const { results } = asObject(answer);
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

/** A value without the API key, which a server may repeat anywhere. */
function withoutKeyIn(value: unknown, apiKey: string, depth = 0): unknown {
  if (depth > mostDepth) {
    throw new MalformedAnswerError("the answer is not the documentation of events");
  }
  if (typeof value === "string") {
    return withoutKey(value, apiKey);
  }
  if (Array.isArray(value)) {
    return value.map((item) => withoutKeyIn(item, apiKey, depth + 1));
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(
        Object.entries(value).map(([name, member]) => [
          withoutKey(name, apiKey),
          withoutKeyIn(member, apiKey, depth + 1),
        ]),
      )
    : value;
}

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null) {
    throw new MalformedAnswerError("the answer is not the documentation of events");
  }
  return value as Record<string, unknown>;
}

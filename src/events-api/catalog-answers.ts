import { eventProperties, eventSamples, eventTypes } from "../catalog/event-catalog.js";
import { type Answer, jsonAnswer } from "../http/answer.js";
import { checkNames, readList } from "./query.js";

/** Answers `/documentation`: what each property of each event type means. */
export function answerDocumentation(parameters: URLSearchParams): Answer {
  checkNames(parameters, []);
  const results = eventTypes.map(({ type, properties }) => {
    const sample = eventSamples.find((event) => event.type === type);
    return Object.fromEntries(
      properties.map((name) => [
        name,
        { description: eventProperties[name]!.description, sampleValue: sample?.[name] ?? null },
      ]),
    );
  });
  return jsonAnswer(200, { results });
}

/** Answers `/samples`: one event of each type, or of the types in `events`. */
export function answerSamples(parameters: URLSearchParams): Answer {
  checkNames(parameters, ["events", "delimiter"]);
  const types = readList(parameters, "events");
  const results = eventSamples.filter(({ type }) => types?.includes(String(type)) ?? true);
  return jsonAnswer(200, { results });
}

import { onTestFinished } from "vitest";
import type { EventSource } from "../../src/sandbox/event-source.js";
import { generateEvents } from "../../src/sandbox/generated-events.js";
import { stringifyJson } from "../../src/sandbox/json-text.js";
import { type SandboxOptions, startSandbox } from "../../src/sandbox/server.js";
import { escapedJson, escapedText } from "./escaped-text.js";

/** A simulator in this process, gone when the test ends. */
export async function startTestSandbox(
  events: number,
  options: Omit<SandboxOptions, "source"> = {},
) {
  const now = Date.now();
  const source = generateEvents({ events, seed: 7, now });
  const sandbox = await startSandbox({ source, ...options });
  onTestFinished(() => sandbox.close());
  return { source, origin: sandbox.origin, now };
}

/** Every field that a complete export must hold, worked out without the product's CSV code. */
export function expectedRecords(
  source: EventSource,
  columns: readonly string[],
  wanted: (index: number) => boolean = () => true,
): string[][] {
  const records: string[][] = [];
  for (let index = 0; index < source.length; index++) {
    if (wanted(index)) {
      const event = source.event(index);
      records.push(columns.map((column) => expectedField(column, event[column])));
    }
  }
  return records;
}

function expectedField(column: string, value: unknown): string {
  if (value === undefined || value === null) {
    return "";
  }
  if (column === "timestamp" || column === "injection_time") {
    return new Date(String(value)).toISOString();
  }
  return typeof value === "string"
    ? escapedText(value.toWellFormed())
    : typeof value === "object"
      ? escapedJson(stringifyJson(value))
      : stringifyJson(value);
}

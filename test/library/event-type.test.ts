import { expect, test } from "vitest";
import { eventProperties } from "../../src/catalog/event-catalog.js";

const types: Record<string, string> = {
  string: "string",
  boolean: "boolean",
  integer: "number",
  object: "Readonly<Record<string, unknown>>",
  array: "readonly unknown[]",
};

/** A comment, in as many lines as it takes. */
function comment(text: string): string {
  const line = `  /** ${text} */\n`;
  if (line.length <= 101) {
    return line;
  }
  const words = text.match(/.{1,95}(?: |$)/g) ?? [];
  return `  /**\n${words.map((part) => `   * ${part.trimEnd()}\n`).join("")}   */\n`;
}

// To write it anew after the catalog has changed: npx vitest run test/library/event-type.test.ts -u
test("the type of events names every documented property", async () => {
  const members = Object.entries(eventProperties).map(
    ([name, { description, json_type }]) =>
      `${comment(description)}  readonly ${name}?: ${types[json_type]};\n`,
  );
  const source = `/**
 * An event as SparkPost sends it, with the properties that it documents; which of them an event has
 * depends on its type. New properties appear without notice, and live ones can be of another type.
 */
export interface Event {
${members.join("")}  readonly [property: string]: unknown;
}
`;
  await expect(source).toMatchFileSnapshot("../../src/api/event.ts");
});

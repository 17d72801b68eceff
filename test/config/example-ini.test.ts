import { expect, test } from "vitest";
import { exampleIni, withIniValues } from "../../src/config/example-ini.js";
import { parseIni } from "../../src/config/ini-file.js";
import { resolveSettings } from "../../src/config/settings.js";

function valuesOf(text: string): Record<string, string> {
  return Object.fromEntries(
    parseIni(text, "a.ini").map(({ key, value }) => [key, value.replaceAll(/\s+/g, " ")]),
  );
}

function commentsOf(text: string): string[] {
  return text.split("\n").filter((line) => line.startsWith("#"));
}

test("the example has the defaults, and nothing unknown", () => {
  const ini = { name: "a.ini", entries: parseIni(exampleIni(), "a.ini") };
  expect(resolveSettings({ options: {}, ini })).toEqual(resolveSettings({ options: {} }));
});

test("other values replace those of the example, and leave the comments alone", () => {
  const many = Array.from({ length: 60 }, (_, index) => `rcpt_meta.property_${index}`).join(", ");
  const text = withIniValues(exampleIni(), { Authorization: "abc", Properties: many, Events: "" });
  expect(valuesOf(text)).toEqual({
    ...valuesOf(exampleIni()),
    Authorization: "abc",
    Properties: many,
  });
  expect(commentsOf(text)).toEqual(commentsOf(exampleIni()));
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
});

test("a setting that the text lacks is a mistake of the caller", () => {
  expect(() => withIniValues("[SparkPost]\nHost = a\n", { Timezone: "UTC" })).toThrow();
});

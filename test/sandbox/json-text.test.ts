import fc from "fast-check";
import { expect, test } from "vitest";
import { NumberLiteral, stringifyJson } from "../../src/sandbox/json-text.js";
import { times } from "../support/random-numbers.js";

test("writes plain data as JSON.stringify does", () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      // JSON.stringify writes -0 as 0.
      expect(stringifyJson(value)).toBe(JSON.stringify(value));
    }),
    { numRuns: times(300, 2000) },
  );
});

test.each(['"', "\\", "\r", "\n", "\u0000", "\u001f", "\u2028", "é😀", "\ud800", "a\udc00b", ""])(
  "writes the text %j as JSON.stringify does",
  (text) => {
    expect(stringifyJson({ [text]: [text] })).toBe(JSON.stringify({ [text]: [text] }));
  },
);

test("writes number literals as they are", () => {
  const literals = ["1152921504606846977", "39.10", "1.0", "1e5", "-0.0"];
  const text = stringifyJson({ list: literals.map((literal) => new NumberLiteral(literal)) });
  expect(text).toBe('{"list":[1152921504606846977,39.10,1.0,1e5,-0.0]}');
});

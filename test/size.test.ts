import fc from "fast-check";
import { expect, test } from "vitest";
import { formatSize, parseSize } from "../src/size.js";
import { usageError } from "./time/usage-error.js";

test.each([
  ["500MB", 500_000_000],
  ["1GB", 1_000_000_000],
  ["1.5 gb", 1_500_000_000],
  [" 64k ", 64_000],
  ["3M", 3_000_000],
  ["12B", 12],
])("%s", (text, bytes) => {
  expect(parseSize(text, "--max-body:")).toBe(bytes);
});

test("what is written can be read again", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 999 }),
      fc.constantFrom(1, 1e3, 1e6, 1e9),
      (count, unit) => {
        expect(parseSize(formatSize(count * unit), "")).toBe(count * unit);
      },
    ),
  );
});

test.each([
  ["100", '--max-body: "100" has no unit.'],
  ["1GiB", '--max-body: "1GiB" is not a size.'],
  ["much", '--max-body: "much" is not a size.'],
  ["-1GB", '--max-body: "-1GB" is not a size.'],
  ["", '--max-body: "" is not a size.'],
])("%j is refused", (text, message) => {
  const [shown, hint] = usageError(() => parseSize(text, "--max-body:")).split("\n");
  expect(shown).toBe(message);
  expect(hint).toMatch(/MB/);
});

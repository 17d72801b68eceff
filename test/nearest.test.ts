import { expect, test } from "vitest";
import { nearest } from "../src/nearest.js";

const known = ["bounce", "click", "open", "initial_open", "spam_complaint", "from"];

test.each([
  ["bounce", "bounce"],
  ["Bounce", "bounce"],
  ["bonuce", "bounce"],
  ["bounc", "bounce"],
  ["clicks", "click"],
  ["klick", "click"],
  ["inital_open", "initial_open"],
  ["spamcomplaint", "spam_complaint"],
  ["opn", "open"],
  ["oepn", "open"],
  ["delivery", undefined],
  ["oops", undefined],
  ["to", undefined],
  ["o", undefined],
  ["", undefined],
])("%j is nearest to %j", (word, expected) => {
  expect(nearest(word, known)).toBe(expected);
});

test("takes the closest, and the first of two that are equally close", () => {
  expect(nearest("template", ["templates", "template"])).toBe("template");
  expect(nearest("cat", ["bat", "hat"])).toBe("bat");
});

test("a single letter does not become another one", () => {
  expect(nearest("a", ["b"])).toBeUndefined();
});

test("a word of two letters may have one mistake", () => {
  expect(nearest("fo", ["for"])).toBe("for");
});

test("no more mistakes than a third of the letters", () => {
  expect(nearest("abcdef", ["abcdxy"])).toBe("abcdxy");
  expect(nearest("abcdef", ["abcxyz"])).toBeUndefined();
});

import { expect, test } from "vitest";
import { LruCache } from "../../src/sandbox/lru-cache.js";

/** Reads keys one after another from a cache of texts; gives the keys that had to be made. */
function misses(limit: number, keys: string): string {
  const cache = new LruCache<string, string>(limit, (value) => value.length);
  let made = "";
  for (const key of keys) {
    const value = cache.getOrMake(key, () => {
      made += key;
      return key.repeat(10);
    });
    expect(value).toBe(key.repeat(10));
  }
  return made;
}

test.each([
  [30, "abcabcabc", "abc"],
  [29, "abcabc", "abcabc"],
  [30, "abcdabcd", "abcdabcd"],
  [30, "abcadabc", "abcdbc"],
  [5, "aabba", "aba"],
])("a cache of the size %i that is asked for %s makes %s", (limit, keys, made) => {
  expect(misses(limit, keys)).toBe(made);
});

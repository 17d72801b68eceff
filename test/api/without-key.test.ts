import fc from "fast-check";
import { expect, test } from "vitest";
import { holdsKey, withoutKey } from "../../src/api/without-key.js";

const letters = fc.constantFrom(..."0123456789abcdefghijklmnopqrstuvwxyzABCDEFXYZ_.~+/=-");
const keys = fc.string({ unit: letters, minLength: 8, maxLength: 60 });
const fillers = fc.string({ unit: "binary", maxLength: 20 });

/** Any piece of the key, from its beginning or to its end, in any place of a text. */
const leaks = fc
  .tuple(
    keys,
    fc.array(fc.record({ filler: fillers, fromStart: fc.boolean(), length: fc.nat(60) }), {
      minLength: 1,
      maxLength: 4,
    }),
    fillers,
  )
  .map(([key, pieces, rest]) => ({
    key,
    text:
      pieces
        .map(({ filler, fromStart, length }) => {
          const most = Math.max(8, Math.min(length, key.length));
          return filler + (fromStart ? key.slice(0, most) : key.slice(-most));
        })
        .join("") + rest,
  }));

test("no beginning and no end of eight characters is left", () => {
  fc.assert(
    fc.property(leaks, ({ key, text }) => {
      const shown = withoutKey(text, key);
      expect(shown).toContain("[API key]");
      expect(shown).not.toContain(key.slice(0, 8));
      expect(shown).not.toContain(key.slice(-8));
    }),
  );
});

test("what is not of the key stays as it is", () => {
  const key = "0123456789abcdef0123456789abcdef01234567";
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      fc.pre(!/0123456|6701234|bcdef01/i.test(text));
      expect(withoutKey(text, key)).toBe(text);
    }),
  );
  expect(withoutKey(`before ${key}, after`, key)).toBe("before [API key], after");
  expect(withoutKey("0123456 is short", key)).toBe("0123456 is short");
  expect(withoutKey("any word", "any")).toBe("any word");
});

test.each<[string, (key: string) => string]>([
  ["percent-encoded", encodeURIComponent],
  [
    "percent-encoded to the last character",
    (key) => [...Buffer.from(key)].map((byte) => `%${byte.toString(16).toUpperCase()}`).join(""),
  ],
  ["in JSON, with slashes escaped", (key) => key.replaceAll("/", "\\/")],
  [
    "in JSON, with all escaped",
    (key) => [...Buffer.from(key)].map((byte) => `\\u00${byte.toString(16)}`).join(""),
  ],
  ["in upper case", (key) => key.toUpperCase()],
  ["in base64", (key) => Buffer.from(key).toString("base64")],
  ["in base64, as a login", (key) => Buffer.from(`${key}:`).toString("base64")],
  ["in base64, as a password", (key) => Buffer.from(`me:${key}`).toString("base64")],
  ["in base64, as another password", (key) => Buffer.from(`me2:${key}`).toString("base64")],
])("a key %s is taken out, and known in a link", (_, spell) => {
  fc.assert(
    fc.property(fc.string({ unit: letters, minLength: 16, maxLength: 60 }), (key) => {
      const shown = withoutKey(`key=${spell(key)};`, key);
      expect(shown).toContain("[API key]");
      // At most what depends on the neighbours too.
      expect(shown.replace("[API key]", "").length).toBeLessThanOrEqual("key=;".length + 9);
      expect(holdsKey(`/api?key=${spell(key)}`, key)).toBe(true);
    }),
  );
});

test("a link may hold a few characters of the key by chance", () => {
  const key = "0123456789abcdef0123456789abcdef01234567";
  expect(holdsKey("/api/v1/events/message?cursor=0123456789&event_ids=01234567", key)).toBe(false);
  expect(holdsKey(`/api/v1/events/message?cursor=${key.slice(0, 39)}`, key)).toBe(true);
});

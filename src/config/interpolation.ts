/**
 * What Python's configparser makes of `%` in a value: `%(name)s` is the value of another key, and `%%`
 * a percent sign. Any other `%`, which configparser refuses, is a percent sign here.
 *
 * Source: Python documentation, configparser, "Interpolation of values", BasicInterpolation.
 */
import { UsageError } from "../errors.js";
import { nearest } from "../nearest.js";
import { type IniEntry, normalizeKey } from "./ini-file.js";

/** As in configparser. */
const deepest = 10;

const special = /%%|%\((?<key>[^)]+)\)s/g;

/**
 * The value that an entry stands for.
 *
 * @param entries that it may name
 * @param name of the entry, for errors
 * @throws UsageError where it names a key that is not there, or itself
 */
export function interpolate(entry: IniEntry, entries: readonly IniEntry[], name: string): string {
  const expand = (text: string, depth: number): string =>
    text.replaceAll(special, (found, key: string | undefined) => {
      if (key === undefined) {
        return "%";
      }
      const named = findEntry(entries, key);
      if (!named) {
        throw notThere(key, entries, name);
      }
      if (depth === deepest) {
        throw new UsageError(
          `${name}: ${found} leads back to itself, or through more than ${deepest} keys.`,
          { hint: "Write the value itself." },
        );
      }
      return expand(named.value, depth + 1);
    });
  return expand(entry.value, 0);
}

export function findEntry(entries: readonly IniEntry[], key: string): IniEntry | undefined {
  return entries.find((entry) => normalizeKey(entry.key) === normalizeKey(key));
}

/** Keys that a value names. */
export function keysNamedIn(value: string): string[] {
  return [...value.matchAll(special)].flatMap(({ groups }) => groups?.key ?? []);
}

/** Whole sentences about what in a value does not stand for itself. */
export function interpolationRemarks({ value }: IniEntry): string[] {
  const [key] = keysNamedIn(value);
  return [
    ...(key === undefined
      ? []
      : [
          `%(${key})s stands for the value of ${key}, as in Python's configparser. For the text itself, write %%(${key})s.`,
        ]),
    // In front of a parenthesis one would not be enough.
    ...(/%%(?!\()/.test(value)
      ? ["%% stands for a single %, as in Python's configparser. A single % is enough."]
      : []),
  ];
}

function notThere(key: string, entries: readonly IniEntry[], name: string): UsageError {
  const meant = nearest(
    key,
    entries.map((entry) => entry.key),
  );
  const question = meant === undefined ? "" : `Did you mean %(${meant})s? `;
  return new UsageError(`${name}: %(${key})s stands for the value of ${key}, which there is not.`, {
    hint: `${question}For the text itself, write %%(${key})s.`,
  });
}

import { isIndex } from "./csv-layout.js";

/** What a path leads to within a value, or undefined. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  let member = value;
  for (const name of path) {
    if (typeof member !== "object" || member === null) {
      return undefined;
    }
    // An own property only: an event without "constructor" has a blank there.
    const isMember = Array.isArray(member) ? isIndex(name) : true;
    member =
      isMember && Object.hasOwn(member, name)
        ? (member as Readonly<Record<string, unknown>>)[name]
        : undefined;
  }
  return member;
}

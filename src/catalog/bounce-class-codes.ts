import { UsageError } from "../errors.js";
import { nearest } from "../nearest.js";
import { bounceClasses } from "./event-catalog.js";
import { nameKey } from "./name-key.js";

/** Names of the groups that bounce classes belong to. */
export const bounceCategories: readonly string[] = [
  ...new Set(bounceClasses.map(({ category }) => category.toLowerCase())),
];

/**
 * Codes of what a text stands for: a code, documented or not; the name of a bounce class; or a
 * category, for all of its classes.
 *
 * @throws UsageError where it is none of these
 */
export function bounceClassCodes(text: string): string[] {
  if (/^\d+$/.test(text)) {
    return [text];
  }
  const key = nameKey(text);
  const found = bounceClasses.filter(
    ({ name, category }) => nameKey(name) === key || nameKey(category) === key,
  );
  if (found.length === 0) {
    const meant = nearest(text, [...bounceCategories, ...bounceClasses.map(({ name }) => name)]);
    throw new UsageError(`There is no bounce class "${text}".`, {
      hint: `${meant ? `Did you mean ${meant}? ` : ""}Write a code, a name, or one of ${bounceCategories.join(", ")}; sparky-events bounce-classes lists them.`,
    });
  }
  return found.map(({ code }) => String(code));
}

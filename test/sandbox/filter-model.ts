import type { SearchFilter } from "../../src/api/search-filters.js";
import type { Event } from "./sandbox-client.js";

/** Whether the event passes the filter, written down as plainly as can be. */
export function passes(event: Event, filter: SearchFilter, values: string[]): boolean {
  const value = event[filter.property];
  if (value === undefined || value === null) return false;
  return values.some((wanted) => {
    if (filter.match === "exact") {
      const anyCase = ["rcpt_to", "friendly_from"].includes(filter.property);
      return anyCase
        ? String(value).toLowerCase() === wanted.toLowerCase()
        : String(value) === wanted;
    }
    const present = keywords(String(value), filter.match);
    return keywords(wanted, filter.match).every((keyword) => present.includes(keyword));
  });
}

export function keywords(text: string, match: SearchFilter["match"]): string[] {
  const separators = match === "domain" ? [" ", "-", "_", "."] : [" ", "-", "_"];
  let words = [text.toLowerCase()];
  for (const separator of separators) words = words.flatMap((word) => word.split(separator));
  return words.filter((word) => word !== "");
}

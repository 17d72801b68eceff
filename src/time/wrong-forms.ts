import { readCalendarTime } from "./calendar-time.js";
import { toUtcSeconds } from "./iso.js";

/**
 * The right way to write a date or time that is in a well-known but wrong form, such as `19.11.2026`,
 * `11/19/2026 8:30`, `20261119` or a Unix timestamp.
 *
 * @returns none when there is no telling, two when `03/04/2026` may mean either
 */
export function rightForms(text: string): readonly string[] {
  if (/^\d{10}$/.test(text)) return [toUtcSeconds(Number(text) * 1000)];
  if (/^\d{13}$/.test(text)) return [toUtcSeconds(Number(text))];

  const [, date, time] = /^([^T ]+)(?:[T ](.+))?$/i.exec(text) ?? [];
  if (date === undefined) return [];
  const timePart = time === undefined ? "" : rightTime(time);
  const forms = rightDates(date).map((right) => right + timePart);
  return [...new Set(forms)].filter((right) => readCalendarTime(right).kind === "time");
}

function rightDates(text: string): string[] {
  const compact = /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  if (compact !== null) return [`${compact[1]}-${compact[2]}-${compact[3]}`];

  const yearFirst = /^(\d{4})[-./](\d{1,2})[-./](\d{1,2})$/.exec(text);
  if (yearFirst !== null) return [toDate(yearFirst[1]!, yearFirst[2]!, yearFirst[3]!)];

  const yearLast = /^(\d{1,2})([-./])(\d{1,2})[-./](\d{4})$/.exec(text);
  if (yearLast === null) return [];
  const [, first, separator, second, year] = yearLast as unknown as string[];
  const dayFirst = toDate(year!, second!, first!);
  // With dots the day always comes first; otherwise it depends on where the reader is from.
  return separator === "." ? [dayFirst] : [toDate(year!, first!, second!), dayFirst];
}

function toDate(year: string, month: string, day: string): string {
  return `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
}

/** Pads a time of day to two digits each, and drops fractions of a second. */
function rightTime(text: string): string {
  const match =
    /^(\d{1,2})(?::(\d{1,2}))?(?::(\d{1,2})(?:[.,]\d+)?)?\s*(Z|[+-]\d{2}:?(?:\d{2})?)?$/i.exec(
      text,
    );
  // What cannot be read stays as it is, and makes the whole text unreadable.
  if (match === null) return `T${text}`;
  const [, hour, minute, second, offset = ""] = match;
  const parts = [hour, minute, second].filter((part) => part !== undefined);
  return `T${parts.map((part) => part.padStart(2, "0")).join(":")}${offset}`;
}

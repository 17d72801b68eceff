import { mostPerPage } from "../api/search.js";
import { AnswerTooLargeError } from "../errors.js";

/**
 * The error for a page that there is not enough memory for.
 *
 * @param what of it is too large, as a sentence
 * @param fitting number of its events that there is enough memory for, about
 */
export function pageTooLarge(what: string, fitting: number): AnswerTooLargeError {
  // Other pages may have larger events.
  const perPage = roundedDown(fitting / 2);
  if (perPage >= mostPerPage) {
    return new AnswerTooLargeError(`${what} It has more events than were asked for.`);
  }
  return new AnswerTooLargeError(what, {
    hint: perPage >= 1 ? `Ask for fewer events at once: --per-page ${perPage}` : undefined,
  });
}

/** 1, 2 or 5 with zeros behind it; 0 where the number is less than 1. */
function roundedDown(number: number): number {
  if (number < 1) {
    return 0;
  }
  const power = 10 ** Math.floor(Math.log10(number));
  return ([5, 2].find((digit) => digit * power <= number) ?? 1) * power;
}

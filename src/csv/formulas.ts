import { endOfString } from "../pages/exact-json.js";

/**
 * Where a spreadsheet would take what follows for a formula: at the start of a text, and behind whatever
 * separates cells or rows for one that splits elsewhere. In between, quotes may open a cell, and NUL is
 * left out; blanks are passed over in front of `=` alone, where cells are trimmed.
 */
const formulaStart = /(?:^|[;,|\t\r\n])(?:["\0]*(?=[+\-@\uff1d\uff0b\uff0d\uff20])|[ "\0]*(?==))/g;

/** Puts an apostrophe in front of what a spreadsheet would run, which shows it as text then. */
export function escapeFormulas(text: string): string {
  return text.replace(formulaStart, "$&'");
}

/** The same in the strings of compact JSON; its numbers run nothing. */
export function escapeFormulasInJson(json: string): string {
  const parts: string[] = [];
  let copied = 0;
  for (;;) {
    const quote = json.indexOf('"', copied);
    if (quote === -1) {
      return parts.join("") + json.slice(copied);
    }
    const end = endOfString(json, quote);
    // What stands before the string is never its start: a bracket, a colon, or a comma.
    parts.push(json.slice(copied, quote - 1), escapeFormulas(json.slice(quote - 1, end)));
    copied = end;
  }
}

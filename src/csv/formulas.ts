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

/** The same in the strings of an object or array in JSON; its numbers run nothing. */
export function escapeFormulasInJson(json: string): string {
  const parts: string[] = [];
  let copied = 0;
  for (;;) {
    const quote = json.indexOf('"', copied);
    if (quote === -1) {
      return parts.join("") + json.slice(copied);
    }
    const end = endOfString(json, quote);
    // What stands before the string, and before blanks, may end a cell, and is never a cell's start.
    let before = quote - 1;
    while (json[before] === " ") {
      before--;
    }
    parts.push(json.slice(copied, before), escapeFormulas(json.slice(before, end)));
    copied = end;
  }
}

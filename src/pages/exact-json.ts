/**
 * JSON whose numbers keep every digit.
 *
 * `JSON.parse` rounds integers beyond 2^53 and forgets how a number was written (`39.10`, `1e5`).
 * Number literals that would not come back as they were are therefore read as marked strings, and
 * written as the literal again.
 */
import { randomUUID } from "node:crypto";

/** Nobody can guess it, so nobody can put it into an event. */
const mark = `number-${randomUUID()}:`;

const markedInJson = new RegExp(`"${mark}([^"]*)"`, "g");

/**
 * Parses as `JSON.parse` does, and rejects what it rejects.
 *
 * @returns the same value, except that numbers which a double cannot hold as written are marked
 *   strings; `exactText` and `exactJson` know them
 */
export function parseExactJson(text: string): unknown {
  return JSON.parse(markInexactNumbers(text));
}

/** Whether a parsed value is a string of the JSON, and not a marked number. */
export function isText(value: unknown): value is string {
  return typeof value === "string" && !value.startsWith(mark);
}

/** The literal of a number, or the string itself. */
export function exactText(value: string): string {
  return value.startsWith(mark) ? value.slice(mark.length) : value;
}

/** Compact JSON of a parsed value, numbers as they were sent. */
export function exactJson(value: unknown): string {
  const json = compactJson(value);
  return json.includes(mark) ? json.replace(markedInJson, "$1") : json;
}

function compactJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // JSON.parse reads any depth, JSON.stringify recurses and runs out of stack.
    if (error instanceof RangeError) {
      return deepJson(value);
    }
    throw error;
  }
}

/** Compact JSON of a parsed value of any depth. */
function deepJson(root: unknown): string {
  const parts: string[] = [];
  const open: { close: string; entries: Iterator<[label: string, value: unknown]> }[] = [];
  const write = (value: unknown): void => {
    if (Array.isArray(value)) {
      parts.push("[");
      open.push({
        close: "]",
        entries: value.map((item): [string, unknown] => ["", item]).values(),
      });
    } else if (typeof value === "object" && value !== null) {
      const entries = Object.entries(value);
      parts.push("{");
      open.push({
        close: "}",
        entries: entries
          .map(([key, item]): [string, unknown] => [`${JSON.stringify(key)}:`, item])
          .values(),
      });
    } else {
      parts.push(JSON.stringify(value));
    }
  };
  write(root);
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const { done, value: entry } = top.entries.next();
    if (done) {
      parts.push(top.close);
      open.pop();
      continue;
    }
    const [label, value] = entry;
    const before = parts.at(-1);
    parts.push(before === "[" || before === "{" ? label : `,${label}`);
    write(value);
  }
  return parts.join("");
}

const numberLiteral = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * Only a literal that stands where a value may stand is marked, so that the text stays exactly as
 * valid or invalid as it was.
 */
function markInexactNumbers(text: string): string {
  const parts: string[] = [];
  let copied = 0;
  for (let start = 0; start < text.length; ) {
    const quote = text.indexOf('"', start);
    const end = quote === -1 ? text.length : quote;
    for (const [literal, offset] of numbersIn(text, start, end)) {
      if (String(Number(literal)) !== literal) {
        parts.push(text.slice(copied, offset), `"${mark}${literal}"`);
        copied = offset + literal.length;
      }
    }
    start = quote === -1 ? text.length : endOfString(text, quote);
  }
  return parts.length === 0 ? text : parts.join("") + text.slice(copied);
}

const value = /([:[,]\s*)(-?\d[\d.eE+-]*)(?=\s*[,}\]])/g;

/** Number literals between two strings. */
function* numbersIn(text: string, start: number, end: number): Generator<[string, number]> {
  // Between most strings there is `:` or `,` and nothing else.
  if (end - start < 3) {
    return;
  }
  for (const match of text.slice(start, end).matchAll(value)) {
    const [, before = "", literal = ""] = match;
    if (numberLiteral.test(literal)) {
      yield [literal, start + match.index + before.length];
    }
  }
}

/** Index after the closing quote of the string that begins at `quote`. */
export function endOfString(text: string, quote: number): number {
  for (let end = quote; ; ) {
    end = text.indexOf('"', end + 1);
    if (end === -1) {
      return text.length;
    }
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === 0x5c) {
      backslashes++;
    }
    if (backslashes % 2 === 0) {
      return end + 1;
    }
  }
}

const quote = '"'.charCodeAt(0);
const backslash = "\\".charCodeAt(0);
const comma = ",".charCodeAt(0);
const openBracket = "[".charCodeAt(0);
const closeBracket = "]".charCodeAt(0);
const openBrace = "{".charCodeAt(0);
const closeBrace = "}".charCodeAt(0);

/** An answer, the list of its results, and an event in it. */
const eventDepth = 3;

export interface JsonSize {
  /** How many values and members there are, about: each of them takes memory of its own once parsed. */
  readonly values: number;
  /** Number of objects that stand where events do. */
  readonly events: number;
}

/** Looks at a JSON text, whole or not, without parsing it. */
export function measureJson(json: Uint8Array): JsonSize {
  let values = 0;
  let events = 0;
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    switch (json[at]) {
      case quote:
        at = closingQuote(json, at);
        break;
      case comma:
        values++;
        break;
      case openBracket:
      case openBrace:
        values++;
        depth++;
        break;
      case closeBrace:
        events += depth === eventDepth ? 1 : 0;
        depth--;
        break;
      case closeBracket:
        depth--;
        break;
    }
  }
  return { values, events };
}

function closingQuote(json: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== quote) {
    at += json[at] === backslash ? 2 : 1;
  }
  return at;
}

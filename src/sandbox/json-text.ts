/** A JSON number written exactly as given: integers beyond 2^53, or spellings such as `39.10`. */
export class NumberLiteral {
  // A path into an event must not lead into it.
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** What cannot stand in a JSON string as it is, and lone surrogates, which need care. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are the point.
const needsEscaping = /["\\\u0000-\u001f\ud800-\udfff]/;

/** `JSON.stringify` for plain data that may hold `NumberLiteral`s, but no `undefined`. */
export function stringifyJson(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof NumberLiteral) return String(value);
  if (Array.isArray(value)) return `[${value.map(stringifyJson).join(",")}]`;
  let members = "";
  for (const key in value) {
    const member = stringifyJson((value as Record<string, unknown>)[key]);
    members += `${members && ","}${quote(key)}:${member}`;
  }
  return `{${members}}`;
}

/** The test is several times as fast as `JSON.stringify`, and few texts fail it. */
function quote(text: string): string {
  return needsEscaping.test(text) ? JSON.stringify(text) : `"${text}"`;
}

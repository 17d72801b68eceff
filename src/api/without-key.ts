/** Fewer characters of a key say little, and stand in many a text by chance. */
const shortestPiece = 8;

/** Enough of a key to be sure that it is no chance. */
const certainPiece = 16;

const substitute = "[API key]";

/**
 * A text without the API key, and without its beginnings and ends, however they are spelled. It has to
 * be the whole text: what is left of a key that was cut may be too short to be known.
 */
export function withoutKey(text: string, key: string): string {
  // Found in the text as it is: what is taken out of one spelling may be a part of another.
  const pieces = spellingsOf(key).flatMap(({ spelling, perCharacter }) =>
    piecesIn(text, spelling, Math.ceil(shortestPiece * perCharacter)),
  );
  return replaceRanges(text, pieces);
}

/** Whether a text that is needed as it is holds the key, or so much of it that it is no chance. */
export function holdsKey(text: string, key: string): boolean {
  return spellingsOf(key).some(({ spelling, perCharacter }) => {
    const least = Math.min(Math.ceil(certainPiece * perCharacter), spelling.length);
    return [text, decoded(text)].some((form) => piecesIn(form, spelling, least).length > 0);
  });
}

interface Spelling {
  readonly spelling: string;
  /** How many characters stand for one of the key. */
  readonly perCharacter: number;
}

/** The key as it is, in a URL, in JSON, and in base64 at any place of a longer text. */
function spellingsOf(key: string): Spelling[] {
  if (key.length < shortestPiece) {
    return [];
  }
  const codes = [...Buffer.from(key)].map((byte) => byte.toString(16).padStart(2, "0"));
  const spellings = new Set([
    key,
    encodeURIComponent(key),
    key.replaceAll("/", "\\/"),
    codes.map((code) => `%${code}`).join(""),
    codes.map((code) => `\\u00${code}`).join(""),
    ...[0, 1, 2].map((offset) => base64At(key, offset)),
  ]);
  return [...spellings].map((spelling) => ({
    spelling: inLowerCase(spelling),
    perCharacter: spelling.length / key.length,
  }));
}

/** The characters of base64 that depend on nothing but the key, so many bytes into a group of three. */
function base64At(key: string, offset: number): string {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(key)]);
  return bytes
    .toString("base64")
    .slice(Math.ceil((offset * 8) / 6), Math.floor((bytes.length * 8) / 6));
}

interface Range {
  readonly start: number;
  end: number;
}

/** Where the secret stands, or a beginning or an end of it that has at least so many characters. */
function piecesIn(text: string, secret: string, least: number): Range[] {
  const plain = inLowerCase(text);
  const beginning = secret.slice(0, least);
  const end = secret.slice(-least);
  const found: Range[] = [];
  for (let at = plain.indexOf(beginning); at !== -1; at = plain.indexOf(beginning, at + 1)) {
    let length = least;
    while (length < secret.length && plain[at + length] === secret[length]) {
      length++;
    }
    found.push({ start: at, end: at + length });
  }
  for (let at = plain.indexOf(end); at !== -1; at = plain.indexOf(end, at + 1)) {
    let before = 0;
    while (
      before < secret.length - least &&
      plain[at - before - 1] === secret.at(-least - before - 1)
    ) {
      before++;
    }
    found.push({ start: at - before, end: at + least });
  }
  return found;
}

function replaceRanges(text: string, ranges: readonly Range[]): string {
  const merged: Range[] = [];
  for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last && start <= last.end) {
      last.end = Math.max(last.end, end);
    } else {
      merged.push({ start, end });
    }
  }
  return merged.reduceRight(
    (shown, { start, end }) => shown.slice(0, start) + substitute + shown.slice(end),
    text,
  );
}

/** Leaves the length as it is, unlike `toLowerCase`, which knows more letters. */
function inLowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

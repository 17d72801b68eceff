import { createHash } from "node:crypto";
import { searchFilters } from "../../src/api/search-filters.js";
import { NumberLiteral, stringifyJson } from "../../src/sandbox/json-text.js";

/** An event as it is sent, and what it says. */
export interface SentEvent {
  readonly text: string;
  readonly says: Readonly<Record<string, unknown>>;
  readonly time: number;
  readonly identity: string;
}

type Draw = (below: number) => number;

const words = [
  ...[
    "welcome",
    "Welcome",
    "WELCOME",
    "İstanbul",
    "istanbul",
    "ISTANBUL",
    "ı",
    "ΣΑΣ",
    "σας",
    "σασ",
  ],
  ...[
    "straße",
    "STRASSE",
    "ẞ",
    "ß",
    "Ǆ",
    "ǆ",
    "ǅ",
    "\u212a",
    "k",
    "K",
    "\u212b",
    "å",
    "É",
    "é",
    "e\u0301",
  ],
  ...[
    "Ⱥ",
    "ⱥ",
    "ПРИВЕТ",
    "привет",
    "😀",
    "𐐀",
    "𐐨",
    "日本",
    "a.b",
    "mail.Example.com",
    "example",
    "co.uk",
  ],
  ...[
    "10",
    "010",
    "1e5",
    "-",
    "_",
    " ",
    "--",
    "a-b_c",
    ".",
    "%",
    "'",
    '"',
    "\\",
    "\\u0000",
    "/",
    ",",
    "$1",
    "?",
  ],
  ...["\n", "\t", "\u0000", "\ud83d", "\ude00", "\u00a0", "null", "true", "{", "["],
];
const separators = [" ", "-", "_", ".", "", "  "];

export function drawText(draw: Draw): string {
  let text = pick(draw, words);
  for (let more = draw(4); more > 0; more--) {
    text += pick(draw, separators) + pick(draw, words);
  }
  return text;
}

export function pick<T>(draw: Draw, items: readonly T[]): T {
  return items[draw(items.length)] as T;
}

const properties = [...new Set(searchFilters.map(({ property }) => property))].filter(
  (name) => name !== "event_id",
);

/** Many with the same time, on both sides of the hours of `start`. */
export function awkwardEvents(draw: Draw, count: number, start: number): SentEvent[] {
  return Array.from({ length: count }, (_, index) => {
    const time = start + (draw(5) - 2) * 1_800_000 + draw(3);
    const says: Record<string, unknown> = {
      type: pick(draw, ["delivery", "open", "Open", "bounce\u0000", "new_type"]),
      timestamp: new Date(time).toISOString(),
    };
    if (draw(8) > 0) {
      const long = draw(12) === 0 ? "x".repeat(190 + draw(20)) : "";
      says.event_id = pick(draw, ["", "sha256:", "é", "a\u0000", "😀"]) + index + long;
    }
    for (const name of properties) {
      if (draw(3) > 0) {
        const number = draw(4);
        says[name] = pick(draw, [
          drawText(draw),
          drawText(draw),
          number,
          String(number),
          null,
          [1, "a"],
        ]);
      }
    }
    says.rcpt_meta = metadata(draw);
    says.n = index;
    const text = spell(says, draw);
    return { text, says, time, identity: identityOf(says.event_id, text) };
  });
}

export const metadataNames = [
  "order",
  "größe",
  'a"b',
  "a.b",
  "0",
  "1",
  "01",
  "-1",
  "nul\u0000",
  "__proto__",
];
const numbers = [
  "39.10",
  "39.1",
  "12345678901234567890",
  "12345678901234567891",
  "1e5",
  "100000",
  "-0",
  "0",
];

function metadata(draw: Draw, depth = 0): unknown {
  const kind = draw(depth === 0 ? 2 : 9);
  if (depth < 3 && kind === 0) {
    return Array.from({ length: draw(3) }, () => metadata(draw, depth + 1));
  }
  if (depth < 3 && kind <= 3) {
    return Object.fromEntries(
      Array.from({ length: draw(4) }, () => [pick(draw, metadataNames), metadata(draw, depth + 1)]),
    );
  }
  return pick(draw, [pick(draw, words), new NumberLiteral(pick(draw, numbers)), true, false, null]);
}

/** With escapes that are not needed, and members that do not count, since later ones have the same name. */
function spell({ rcpt_meta, ...says }: Record<string, unknown>, draw: Draw): string {
  const plain = stringifyJson(says).slice(1, -1);
  const json = stringifyJson(rcpt_meta);
  const spelt = draw(3) === 0 ? escapeLetters(json, draw) : json;
  const doubled = draw(3) === 0 ? `"rcpt_meta":{"order":"welcome","0":39.10},` : "";
  return `{${doubled}${plain}, "rcpt_meta" : ${spelt.replaceAll('":', '" : ')}}`;
}

/** Names are texts, too. What is escaped already stays as it is. */
function escapeLetters(json: string, draw: Draw): string {
  return json.replace(/\\u....|\\.|[a-zA-Zé/]/g, (char) =>
    char.startsWith("\\") || draw(2) === 0 || /[truefalsn]/.test(char)
      ? char
      : `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function identityOf(id: unknown, text: string): string {
  const hashed = (of: string) => `sha256:${createHash("sha256").update(of).digest("hex")}`;
  if (typeof id !== "string") {
    return hashed(text);
  }
  const kept = id.replaceAll("\0", "\ufdd0");
  return [...kept].length > 200 || kept.startsWith("sha256:") ? hashed(kept) : kept;
}

import { endOfString } from "./exact-json.js";

/**
 * The texts of the events of an answer, as they were sent, each on one line.
 *
 * @param answer valid JSON, an object with an array of results
 */
export function eventTexts(answer: string): string[] {
  // Of results that are there twice, the last count.
  const [results] = membersOf(answer)
    .filter(({ key }) => key === "results")
    .reverse();
  return results ? itemsOf(answer, results.start).map(onOneLine) : [];
}

/** In valid JSON, line breaks stand between tokens only. */
function onOneLine(json: string): string {
  return json.replaceAll(/[\r\n]/g, "");
}

/** The members of the outermost object, and where their values begin. */
function membersOf(text: string): { key: string; start: number }[] {
  const members: { key: string; start: number }[] = [];
  for (let at = next(text, text.indexOf("{") + 1); text[at] === '"'; ) {
    const keyEnd = endOfString(text, at);
    const start = next(text, next(text, keyEnd) + 1);
    members.push({ key: JSON.parse(text.slice(at, keyEnd)), start });
    at = afterComma(text, endOfValue(text, start));
  }
  return members;
}

/** The texts of an array's items. */
function itemsOf(text: string, bracket: number): string[] {
  const items: string[] = [];
  for (let at = next(text, bracket + 1); at < text.length && text[at] !== "]"; ) {
    const end = endOfValue(text, at);
    items.push(text.slice(at, end));
    const behind = next(text, end);
    at = text[behind] === "]" ? behind : next(text, behind + 1);
  }
  return items;
}

/** Index of what is no white space. */
function next(text: string, from: number): number {
  let at = from;
  while (" \t\r\n".includes(text[at] ?? "-")) {
    at++;
  }
  return at;
}

function afterComma(text: string, from: number): number {
  const comma = next(text, from);
  return text[comma] === "," ? next(text, comma + 1) : comma;
}

/** Index after a value. */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  let at = start;
  do {
    const character = text[at] ?? "";
    if (character === '"') {
      at = endOfString(text, at);
    } else {
      depth += "{[".includes(character) ? 1 : "}]".includes(character) ? -1 : 0;
      at += 1;
    }
  } while (at < text.length && (depth > 0 || isWithinScalar(text, start, at)));
  return at;
}

function isWithinScalar(text: string, start: number, at: number): boolean {
  return !'"{['.includes(text[start] ?? "") && !",]} \t\r\n".includes(text[at] ?? "");
}

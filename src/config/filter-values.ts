import { UsageError } from "../errors.js";

/** Where a list was given. */
export interface GivenList {
  readonly value: string;
  /** What to call it in an error. */
  readonly name: string;
}

/** A value, or the name of a file that holds values. */
type Item = { readonly value: string } | { readonly file: string };

/** `"a, b"` and `@"a, b.txt"` with `""` for a quote inside, or anything up to the next comma. */
const item = /\s*(?:(?<at>@?)"(?<quoted>[^"]*(?:""[^"]*)*)"\s*(?=,|$)|(?<plain>[^,]*))(?:,|$)/y;

/**
 * Values between commas or line breaks. One in double quotes may have commas in it; `@name` stands
 * for the lines of a file. Empty and repeated values are dropped.
 *
 * @param readLines the values in a file
 * @throws UsageError naming the list
 */
export function readFilterValues(
  given: GivenList,
  readLines: (file: string, given: GivenList) => readonly string[],
): string[] {
  const values = given.value
    .split("\n")
    .flatMap((line) => readItems(line, given))
    .flatMap((found) => ("file" in found ? readLines(found.file, given) : [found.value]));
  return [...new Set(values)].filter((value) => value !== "");
}

function readItems(line: string, given: GivenList): Item[] {
  const items: Item[] = [];
  item.lastIndex = 0;
  for (let start = 0; start < line.length; start = item.lastIndex) {
    const { at, quoted, plain } = item.exec(line)?.groups ?? {};
    items.push(
      quoted === undefined
        ? plainItem(plain?.trim() ?? "", given)
        : itemOf(at === "@", quoted.replaceAll('""', '"')),
    );
  }
  return items;
}

function plainItem(text: string, { name }: GivenList): Item {
  if (/^@?"/.test(text)) {
    throw new UsageError(`${name}: the double quotes of ${text} do not enclose a value.`, {
      hint: 'Write "Hello, world" for a value with a comma in it, and "" for a quote inside: """Hi"", she said".',
    });
  }
  if (text === "*") {
    throw new UsageError(`${name}: * is no value.`, {
      hint: "To search for all, leave it out. For the text * itself, write it in double quotes.",
    });
  }
  return itemOf(text.startsWith("@"), text.replace(/^@\s*/, ""));
}

function itemOf(isFile: boolean, text: string): Item {
  return isFile ? { file: text } : { value: text };
}

import { eventProperties } from "../catalog/event-catalog.js";
import { UsageError } from "../errors.js";
import { nearest } from "../nearest.js";
import type { Column } from "./csv-layout.js";
import { wholeEvent } from "./whole-event.js";

/**
 * Reads a list of columns:
 *
 * - `subject`, a property; `rcpt_meta.order.id`, a member of its value; `rcpt_tags.0`, an item;
 * - `rcpt_meta."a.b"`, where a name holds anything but letters, digits, `_` and `-`; a quote in it is
 *   written twice;
 * - `subject AS Betreff`, to call the column something else; in quotes where that holds a comma;
 * - `event`, the whole event; `"event"` is a property of that name, and `event.a` a member of its value;
 * - `*`, every property of the catalog, by the alphabet; `-subject` after it leaves one out.
 *
 * Items are separated by commas or line breaks. Empty items and repeated columns are dropped.
 *
 * @throws UsageError saying which item is wrong, and what to write
 */
export function parseColumns(text: string): Column[] {
  const columns: (Column & { readonly fromAll: boolean })[] = [];
  let hasAll = false;
  for (const item of readItems(text)) {
    if (item.kind === "column") {
      columns.push({ header: item.header, path: item.path, fromAll: false });
    } else if (item.kind === "all") {
      hasAll = true;
      columns.push(
        ...Object.keys(eventProperties).map((name) => ({
          header: name,
          path: [name],
          fromAll: true,
        })),
      );
    } else {
      leaveOut(item.path, hasAll);
      const [name] = item.path;
      const remaining = columns.filter(({ fromAll, path }) => !fromAll || path[0] !== name);
      columns.splice(0, columns.length, ...remaining);
    }
  }
  const unique = new Map(
    columns
      .map(({ header, path }) => ({ header, path }))
      .map((column) => [JSON.stringify(column), column]),
  );
  return [...unique.values()];
}

/**
 * Reads columns as a program gives them: as such a list, or one by one.
 *
 * @throws UsageError saying which is wrong, or that there are none
 */
export function readColumns(columns: string | readonly (string | Column)[]): Column[] {
  const given: readonly unknown[] = [columns].flat();
  const found = given.flatMap((item) => {
    if (typeof item === "string") {
      return parseColumns(item);
    }
    if (!isColumn(item)) {
      throw new UsageError("columns must be a text, or a list of texts and columns.");
    }
    return [item];
  });
  if (found.length === 0) {
    throw new UsageError("columns names no column.", {
      hint: "Name at least one, such as timestamp, or * for all of them; or leave it out.",
    });
  }
  return found;
}

/**
 * Reads a path as it is written in a list: `rcpt_meta."a.b"`.
 *
 * @throws UsageError saying what is wrong
 */
export function parsePath(text: string): string[] {
  const reader = new ItemReader(text);
  const path = reader.readPath();
  if (!reader.atEnd) {
    throw new UsageError(`${JSON.stringify(text)} is more than a path.`, {
      hint: 'A name with anything but letters, digits, _ and - goes in double quotes: rcpt_meta."a b".',
    });
  }
  return path;
}

function isColumn(value: unknown): value is Column {
  const { header, path } = (value ?? {}) as { header?: unknown; path?: unknown };
  return (
    typeof header === "string" &&
    Array.isArray(path) &&
    path.every((name) => typeof name === "string")
  );
}

function leaveOut(path: readonly string[], hasAll: boolean): void {
  const name = formatPath(path);
  if (path.length === 0) {
    throw new UsageError(`"-${name}" leaves out the whole event, which is not in *.`, {
      hint: `Remove it from the list; * has the event's properties, and ${name} is a column only where it is asked for.`,
    });
  }
  if (!hasAll) {
    throw new UsageError(`"-${name}" leaves out a column, but there is no * before it.`, {
      hint: `Write *, -${name} for all properties but this one.`,
    });
  }
  if (path.length > 1) {
    throw new UsageError(`"-${name}" leaves out a part of ${path[0]}; only the whole can be.`, {
      hint: `Write -${formatPath(path.slice(0, 1))}, and the parts that you want as columns of their own.`,
    });
  }
  const [property = ""] = path;
  if (!Object.hasOwn(eventProperties, property)) {
    const meant = nearest(property, Object.keys(eventProperties));
    throw new UsageError(`"-${name}" leaves out a property that is not in *.`, {
      hint: meant ? `Did you mean -${meant}?` : "Remove it from the list.",
    });
  }
}

/** A sentence for each column whose property the catalog does not know. */
export function unknownColumns(columns: readonly Column[]): string[] {
  const known = Object.keys(eventProperties);
  return columns
    .filter(
      ({ path: [property] }) => property !== undefined && !Object.hasOwn(eventProperties, property),
    )
    .map(({ path: [property = "", ...inner] }) => {
      const meant = nearest(property, inner.length > 0 ? known : [...known, wholeEvent.name]);
      const path = meant === wholeEvent.name ? [] : [meant ?? "", ...inner];
      const question = meant ? `did you mean ${formatPath(path)}?` : "";
      return `${formatPath([property, ...inner])}: ${question || "SparkPost documents no such property."}`;
    });
}

/** A path as it is written in a list. */
export function formatPath(path: readonly string[]): string {
  if (path.length === 0) {
    return wholeEvent.name;
  }
  const isProperty = path.length === 1 && path[0] === wholeEvent.name;
  return path
    .map((name) => (bareName.test(name) && !isProperty ? name : `"${name.replaceAll('"', '""')}"`))
    .join(".");
}

/** What a column is called where it is given no other name. */
export function headerOfPath(path: readonly string[]): string {
  return path.length === 0 ? wholeEvent.name : path.join(".");
}

type Item =
  | { readonly kind: "all" }
  | { readonly kind: "left out"; readonly path: readonly string[] }
  | { readonly kind: "column"; readonly path: readonly string[]; readonly header: string };

const bareName = /^[\p{L}\p{N}_][\p{L}\p{N}_-]*$/u;
const quoted = /"((?:[^"\n]|"")*)"/y;
const bare = /[^\s",.]+/y;
const bareHeader = /[^",\n]+/y;
const space = /[^\S\n]*/y;

function* readItems(text: string): Generator<Item> {
  const reader = new ItemReader(text);
  while (!reader.atEnd) {
    if (!reader.skipSeparator()) {
      yield reader.readItem();
    }
  }
}

class ItemReader {
  readonly #text: string;
  #index = 0;
  /** Of the item, from 1. */
  #number = 1;
  #itemStart = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    this.#take(space);
    return this.#index === this.#text.length;
  }

  skipSeparator(): boolean {
    const isSeparator = this.#atSeparator();
    if (isSeparator && !this.#isEnd()) {
      this.#index++;
    }
    return isSeparator;
  }

  readItem(): Item {
    this.#itemStart = this.#index;
    const item = this.#readContent();
    this.#take(space);
    if (!this.#atSeparator()) {
      this.#failAtRest(item);
    }
    this.#number++;
    return item;
  }

  #readContent(): Item {
    if (this.#skip("*")) {
      return { kind: "all" };
    }
    if (this.#skip("-")) {
      return { kind: "left out", path: this.readPath() };
    }
    const path = this.readPath();
    this.#take(space);
    if (this.#take(/as(?![^\s",])/iy) === undefined) {
      return { kind: "column", path, header: headerOfPath(path) };
    }
    this.#take(space);
    return { kind: "column", path, header: this.#readHeader(path) };
  }

  readPath(): string[] {
    const isQuoted = this.#text[this.#index] === '"';
    const path = [this.#readName()];
    while (this.#skip(".")) {
      path.push(this.#readName());
    }
    return path.length === 1 && path[0] === wholeEvent.name && !isQuoted ? [] : path;
  }

  #readName(): string {
    const name = this.#readQuoted() ?? this.#take(bare);
    if (name === undefined) {
      this.#fail(
        this.#text[this.#index] === "." || this.#text[this.#index - 1] === "."
          ? "a name is missing beside the dot"
          : "a name is missing",
        "Write a property, such as subject, or a path, such as rcpt_meta.order.id.",
      );
    }
    return name;
  }

  #readHeader(path: readonly string[]): string {
    const header = this.#readQuoted() ?? this.#take(bareHeader)?.trim();
    if (header === undefined) {
      this.#fail(
        "the name after AS is missing",
        `Write what the column is to be called: ${formatPath(path)} AS name.`,
      );
    }
    return header;
  }

  #readQuoted(): string | undefined {
    if (this.#text[this.#index] !== '"') {
      return undefined;
    }
    const text = this.#take(quoted);
    if (text === undefined) {
      this.#fail(
        "a quote is not closed",
        'Write " at both ends of a name, and "" for a quote in it.',
      );
    }
    return text.slice(1, -1).replaceAll('""', '"');
  }

  #failAtRest(item: Item): never {
    const rest = this.#take(/[^,\n]+/y)?.trim() ?? "";
    const hint =
      item.kind === "column"
        ? `To rename a column, write ${formatPath(item.path)} AS name; a name with spaces or quotes in it goes in quotes.`
        : "Put a comma between two columns.";
    this.#fail(`"${rest}" is more than a column`, hint);
  }

  #fail(problem: string, hint: string): never {
    const item = /[^,\n]*/y;
    item.lastIndex = this.#itemStart;
    const text = item.exec(this.#text)?.[0].trim() ?? "";
    throw new UsageError(`column ${this.#number}, ${text || "at the end"}: ${problem}.`, { hint });
  }

  #skip(character: string): boolean {
    const isThere = this.#text[this.#index] === character;
    if (isThere) {
      this.#index++;
    }
    return isThere;
  }

  #isEnd(): boolean {
    return this.#index === this.#text.length;
  }

  #atSeparator(): boolean {
    const next = this.#text[this.#index];
    return next === undefined || next === "," || next === "\n";
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#index;
    const text = pattern.exec(this.#text)?.[0];
    this.#index += text?.length ?? 0;
    return text;
  }
}

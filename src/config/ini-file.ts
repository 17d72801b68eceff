/**
 * The ini format of Python's configparser, as the users of the older Python tool know it.
 *
 * Source: Python documentation, configparser, "Supported INI File Structure", with its defaults:
 * delimiters `=` and `:`, comment prefixes `#` and `;` for whole lines only, indented lines
 * continue a value.
 */
import { UsageError } from "../errors.js";
import { nearest } from "../nearest.js";

export interface IniEntry {
  /** As written in the file. */
  readonly key: string;
  /** As written in the file; lines of a longer value are joined by LF. */
  readonly value: string;
  /** Line of the key, from 1. */
  readonly line: number;
  /** Where it stands. What is in `[DEFAULT]` counts in every section that does not have it. */
  readonly section: "SparkPost" | "DEFAULT";
}

/** A section header, or an entry with the lines that continue it. */
interface LogicalLine {
  readonly first: string;
  readonly more: string[];
  readonly line: number;
  /** Number of white-space characters before the text. */
  readonly indent: number;
  readonly isHeader: boolean;
}

/**
 * Entries of the section `[SparkPost]`, and after them those that it has from `[DEFAULT]`.
 *
 * @param text contents of the file
 * @param name of the file, for errors
 * @throws UsageError where a line is no ini, a key is given twice, or the section is missing
 */
export function parseIni(text: string, name: string): IniEntry[] {
  const entries = { SparkPost: new Map<string, IniEntry>(), DEFAULT: new Map<string, IniEntry>() };
  const headers: Header[] = [];
  for (const logical of joinContinuations(text)) {
    const { first, line } = logical;
    if (logical.isHeader) {
      headers.push({ title: first.slice(1, -1).trim(), line });
      continue;
    }
    const entry = splitEntry(logical, name);
    const header = headers.at(-1);
    if (header === undefined) {
      throw new UsageError(`${name}, line ${line}: ${entry.key} stands before any section.`, {
        hint: "Put the line [SparkPost] above it.",
      });
    }
    const section = sectionOf(header);
    if (section !== undefined) {
      const folded = normalizeKey(entry.key);
      const earlier = entries[section].get(folded);
      if (earlier) {
        throw new UsageError(
          `${name}, line ${line}: ${entry.key} is given twice, first in line ${earlier.line}.`,
          { hint: "Remove one of the two." },
        );
      }
      entries[section].set(folded, { ...entry, section });
    }
  }
  if (!headers.some((header) => sectionOf(header) === "SparkPost")) {
    throw noSection(headers, name);
  }
  const inherited = [...entries.DEFAULT].filter(([folded]) => !entries.SparkPost.has(folded));
  return [...entries.SparkPost.values(), ...inherited.map(([, entry]) => entry)];
}

interface Header {
  readonly title: string;
  readonly line: number;
}

function sectionOf({ title }: Header): IniEntry["section"] | undefined {
  if (title.toLowerCase() === "sparkpost") {
    return "SparkPost";
  }
  return title === "DEFAULT" ? title : undefined;
}

function noSection(headers: readonly Header[], name: string): UsageError {
  const meant = headers.find(({ title }) => nearest(title, ["sparkpost"]));
  return meant
    ? new UsageError(`${name}, line ${meant.line}: there is no section [${meant.title}].`, {
        hint: "Write [SparkPost].",
      })
    : new UsageError(`${name} has no section [SparkPost].`, {
        hint: "Put the line [SparkPost] above the settings; sparkpost.example.ini shows a whole file.",
      });
}

/** Keys are compared without regard to case, dashes and underscores. */
export function normalizeKey(key: string): string {
  return key.toLowerCase().replaceAll(/[-_]/g, "");
}

/** Section headers and entries: without comments and blank lines, with continuations. */
function joinContinuations(text: string): LogicalLine[] {
  const logical: LogicalLine[] = [];
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  for (const [index, raw] of lines.entries()) {
    const content = raw.trim();
    if (content === "" || content.startsWith("#") || content.startsWith(";")) {
      continue;
    }
    const indent = raw.length - raw.trimStart().length;
    const last = logical.at(-1);
    if (last && indent > last.indent && !last.isHeader) {
      last.more.push(content);
    } else {
      const isHeader = content.startsWith("[") && content.endsWith("]");
      logical.push({ first: content, more: [], line: index + 1, indent, isHeader });
    }
  }
  return logical;
}

function splitEntry({ first, more, line }: LogicalLine, name: string): Omit<IniEntry, "section"> {
  const delimiter = first.search(/[=:]/);
  const key = first.slice(0, delimiter).trim();
  if (delimiter === -1 || key === "") {
    throw new UsageError(`${name}, line ${line}: "${excerpt(first)}" is not a setting.`, {
      hint: first.startsWith("[")
        ? "If it is a section, end it with a ]: [SparkPost]"
        : "Write Name = value. To continue a value on the next line, indent that line.",
    });
  }
  return { key, value: [first.slice(delimiter + 1), ...more].join("\n").trim(), line };
}

/** Enough of a line to find it by, and too little of a key that went astray. */
function excerpt(text: string): string {
  // No key consists of letters alone.
  const [name = ""] = /^[a-z]{1,24}(?![^\s])/i.exec(text) ?? [];
  if (name !== "") {
    return name === text ? name : `${name} …`;
  }
  return text.length > 12 ? `${text.slice(0, 12)}…` : text;
}

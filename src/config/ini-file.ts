/**
 * The ini format of Python's configparser, as the users of the older Python tool know it.
 *
 * The `ini` package reads one line per value, cuts values at `;` and `#` and unquotes them. So the
 * text is brought into a form that it reads literally: one line per value, each value quoted.
 *
 * Source: Python documentation, configparser, "Supported INI File Structure", with its defaults:
 * delimiters `=` and `:`, comment prefixes `#` and `;` for whole lines only, indented lines
 * continue a value.
 */
import { parse } from "ini";
import { UsageError } from "../errors.js";
import { nearest } from "../nearest.js";

export interface IniEntry {
  /** As written in the file. */
  readonly key: string;
  /** Lines of a longer value are joined by LF. */
  readonly value: string;
  /** Line of the key, from 1. */
  readonly line: number;
}

interface LogicalLine {
  text: string;
  readonly line: number;
  /** Number of white-space characters before the text. */
  readonly indent: number;
}

/**
 * Entries of the section `[SparkPost]`.
 *
 * @param text contents of the file
 * @param name of the file, for errors
 * @throws UsageError where a line is no ini, a key is given twice, or the section is missing
 */
export function parseIni(text: string, name: string): IniEntry[] {
  const lines: string[] = [];
  const keys = new Map<string, { key: string; line: number }>();
  const sections: { title: string; line: number }[] = [];
  let section: string | undefined;
  for (const { text: logical, line } of joinContinuations(text)) {
    if (isSectionHeader(logical)) {
      const title = logical.slice(1, -1).trim();
      section = title.toLowerCase();
      sections.push({ title, line });
      lines.push(`[${section}]`);
      continue;
    }
    const { key, value } = splitEntry(logical, line, name);
    if (section === undefined) {
      throw new UsageError(`${name}, line ${line}: ${key} stands before any section.`, {
        hint: "Put the line [SparkPost] above it.",
      });
    }
    if (section === "sparkpost") {
      const folded = normalizeKey(key);
      const earlier = keys.get(folded);
      if (earlier) {
        throw new UsageError(
          `${name}, line ${line}: ${key} is given twice, first in line ${earlier.line}.`,
          { hint: "Remove one of the two." },
        );
      }
      keys.set(folded, { key, line });
      lines.push(`${folded}=${JSON.stringify(value)}`);
    }
  }
  const values = parse(lines.join("\n")).sparkpost;
  if (values === undefined) {
    const meant = sections.find(({ title }) => nearest(title, ["sparkpost"]));
    if (meant) {
      throw new UsageError(`${name}, line ${meant.line}: there is no section [${meant.title}].`, {
        hint: "Write [SparkPost].",
      });
    }
    throw new UsageError(`${name} has no section [SparkPost].`, {
      hint: "Put the line [SparkPost] above the settings; sparkpost.example.ini shows a whole file.",
    });
  }
  return [...keys].map(([folded, { key, line }]) => ({ key, line, value: String(values[folded]) }));
}

/** Keys are compared without regard to case, dashes and underscores. */
export function normalizeKey(key: string): string {
  return key.toLowerCase().replaceAll(/[-_]/g, "");
}

/** One line per section header or entry: without comments and blank lines, with continuations. */
function joinContinuations(text: string): LogicalLine[] {
  const logical: LogicalLine[] = [];
  for (const [index, raw] of text
    .replace(/^\uFEFF/, "")
    .split(/\r\n|\n|\r/)
    .entries()) {
    const content = raw.trim();
    if (content === "" || content.startsWith("#") || content.startsWith(";")) {
      continue;
    }
    const indent = raw.length - raw.trimStart().length;
    const last = logical.at(-1);
    if (last && indent > last.indent && !isSectionHeader(last.text)) {
      last.text += `\n${content}`;
    } else {
      logical.push({ text: content, line: index + 1, indent });
    }
  }
  return logical;
}

function isSectionHeader(text: string): boolean {
  return /^\[[^\n]*\]$/.test(text);
}

function splitEntry(text: string, line: number, name: string): { key: string; value: string } {
  const delimiter = text.search(/[=:]/);
  const key = text.slice(0, delimiter).trim();
  if (delimiter === -1 || key === "" || key.includes("\n")) {
    throw new UsageError(`${name}, line ${line}: "${excerpt(text)}" is not a setting.`, {
      hint: text.startsWith("[")
        ? "If it is a section, end it with a ]: [SparkPost]"
        : "Write Name = value. To continue a value on the next line, indent that line.",
    });
  }
  return { key, value: text.slice(delimiter + 1).trim() };
}

/** Enough of a line to find it by, and too little of a key that went astray. */
function excerpt(text: string): string {
  const line = text.split("\n", 1)[0] ?? "";
  // No key consists of letters alone.
  const [name = ""] = /^[a-z]{1,24}(?![^\s])/i.exec(line) ?? [];
  if (name !== "") {
    return name === line ? name : `${name} …`;
  }
  return line.length > 12 ? `${line.slice(0, 12)}…` : line;
}

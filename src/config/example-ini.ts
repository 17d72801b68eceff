import { readFileSync } from "node:fs";
import { packageFile } from "../package-files.js";
import { normalizeKey } from "./ini-file.js";

/** The ini file that comes with the package: every setting, with comments. */
export function exampleIni(): string {
  return readFileSync(packageFile("sparkpost.example.ini"), "utf8");
}

const longestLine = 100;

/**
 * An ini text with other values, its comments left as they are.
 *
 * @param values by key, which must be in the text; long lists go on in indented lines
 */
export function withIniValues(text: string, values: Readonly<Record<string, string>>): string {
  const left = new Map(Object.entries(values).map(([key, value]) => [normalizeKey(key), value]));
  const lines: string[] = [];
  let replacing = false;
  for (const line of text.split("\n")) {
    const key = normalizeKey(/^(\w+) *=/.exec(line)?.[1] ?? "");
    const value = left.get(key);
    if (value !== undefined) {
      lines.push(...entryLines(line.slice(0, line.indexOf("=") + 1), value));
      left.delete(key);
      replacing = true;
    } else if (!(replacing && /^\s+\S/.test(line))) {
      lines.push(line);
      replacing = false;
    }
  }
  if (left.size > 0) {
    throw new Error(`The text has no ${[...left.keys()].join(", ")}.`);
  }
  return lines.join("\n");
}

function entryLines(start: string, value: string): string[] {
  const lines = [start];
  for (const word of value.split(/\s+/).filter(Boolean)) {
    const last = lines.at(-1) ?? "";
    if (last !== start && last.length + 1 + word.length > longestLine) {
      lines.push(`    ${word}`);
    } else {
      lines[lines.length - 1] = `${last} ${word}`;
    }
  }
  return lines;
}

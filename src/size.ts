import { countOf } from "./count.js";
import { UsageError } from "./errors.js";

const units = new Map([
  ["B", 1],
  ["kB", 1_000],
  ["MB", 1_000_000],
  ["GB", 1_000_000_000],
]);

/**
 * Reads a size such as `500MB` or `1.5GB`.
 *
 * @param name what the text belongs to, for the error message
 * @returns bytes
 * @throws UsageError where the text is anything else
 */
export function parseSize(text: string, name: string): number {
  const [, amount = "", letters = ""] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const spelling = letters.toLowerCase().replace(/^([kmg])$/, "$1b");
  const unit = [...units].find(([symbol]) => symbol.toLowerCase() === spelling)?.[1];
  if (amount !== "" && letters === "") {
    throw new UsageError(`${name} "${text}" has no unit.`, {
      hint: `Add kB, MB or GB: ${amount}MB is that many megabytes.`,
    });
  }
  if (unit === undefined) {
    throw new UsageError(`${name} "${text}" is not a size.`, {
      hint: "Write a number and a unit: 500MB, 1GB or 1.5GB.",
    });
  }
  return Math.round(Number(amount) * unit);
}

/** Writes a size as it can be read again: `500MB`, `1GB`, `1.5GB`. */
export function formatSize(bytes: number): string {
  const [symbol, unit] = [...units].findLast(([, least]) => bytes >= least) ?? ["B", 1];
  return `${Number((bytes / unit).toFixed(1))}${symbol}`;
}

/** `512 bytes`, `12.3 MB`: as file managers show a size, to be read by people only. */
export function describeSize(bytes: number): string {
  if (bytes < 1_000) {
    return countOf(bytes, "byte");
  }
  const symbols = ["kB", "MB", "GB", "TB"];
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), symbols.length);
  return `${(bytes / 1_000 ** power).toFixed(1)} ${symbols[power - 1]}`;
}

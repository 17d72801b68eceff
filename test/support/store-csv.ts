import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import { storeColumns, storeQuote } from "../../src/store/store-columns.js";

/**
 * Writes events as a store loads them; not by the converter, so that it tells what a store does with
 * them.
 *
 * @param texts of events, as they came
 * @returns path of the file
 */
export async function writeStoreCsv(
  folder: string,
  name: string,
  texts: readonly string[],
): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, storeCsv(texts));
  return path;
}

function storeCsv(texts: readonly string[]): Buffer {
  const records = texts.map((text) => {
    const event = JSON.parse(text) as Record<string, unknown>;
    return storeColumns.map(({ path: [property] }) => {
      if (property === undefined) {
        return text;
      }
      const value = event[property];
      if (property === "timestamp") {
        return epoch(value);
      }
      // A number with its digits.
      return typeof value === "number"
        ? (new RegExp(`"${property}":(-?[\\d.]+)`).exec(text)?.[1] ?? "")
        : plain(value);
    });
  });
  const header = storeColumns.map((column) => column.header);
  const dialect = { quote: storeQuote, escape: storeQuote, quoted_match: /[\r\n]/ };
  return Buffer.from(stringify([header, ...records], dialect));
}

function plain(value: unknown): string {
  if (value === undefined || value === null) {
    return "";
  }
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function epoch(value: unknown): string {
  const millis = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(millis) ? plain(value) : (millis / 1000).toFixed(3);
}

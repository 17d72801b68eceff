import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { UsageError } from "../errors.js";
import { readFailure } from "../files/errno.js";
import type { GivenList } from "./filter-values.js";
import { decodeUtf8 } from "./utf8.js";

/**
 * The lines of a file, without blank ones.
 *
 * @param folder that a relative path starts from
 * @throws UsageError where it cannot be read, or holds nothing: an empty list would match everything
 */
export function readValueFile(path: string, folder: string, { name }: GivenList): string[] {
  if (path === "") {
    throw new UsageError(`${name}: after @ the name of a file is missing.`, {
      hint: literalAt(path),
    });
  }
  const values = readText(path, folder, name)
    .split(/\r\n|\n|\r/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  if (values.length === 0) {
    throw new UsageError(`${name}: ${path} holds no values.`, {
      hint: "Write one value per line, or leave the filter out to export everything.",
    });
  }
  return values;
}

function readText(path: string, folder: string, name: string): string {
  try {
    return decodeUtf8(readFileSync(resolve(folder, path)), `${name}: ${path}`);
  } catch (error) {
    if (error instanceof UsageError) {
      throw error;
    }
    throw new UsageError(`${name}: cannot read ${path}: ${readFailure(error)}.`, {
      hint: literalAt(path),
      cause: error,
    });
  }
}

function literalAt(path: string): string {
  return `@FILE stands for the values in a file, one per line. A value that begins with @ goes into double quotes: "@${path}"`;
}

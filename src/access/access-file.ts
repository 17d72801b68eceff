import { open } from "node:fs/promises";
import { UsageError } from "../errors.js";
import { isAbsent, isForbidden, readFailure } from "../files/errno.js";
import { writePrivateFile } from "../files/private-file.js";
import { type Role, roles } from "./roles.js";

/** What an access file has of a key; never the key itself. */
export interface AccessEntry {
  readonly name: string;
  readonly role: Role;
  /** Digest of the key, in hexadecimal digits. */
  readonly sha256: string;
  /** ISO 8601. */
  readonly created: string;
}

const version = 1;

/** Far more than any file that was written here. */
const mostBytes = 16 * 1024 * 1024;

const othersMayUse = 0o077;

/** @throws UsageError where it is not there, is none, or is open to others */
export async function readAccessFile(path: string): Promise<readonly AccessEntry[]> {
  return parseAccessFile(await readPrivateFile(path), path);
}

/** @returns no entries where there is no file */
export async function readAccessFileIfThere(path: string): Promise<readonly AccessEntry[]> {
  try {
    return await readAccessFile(path);
  } catch (error) {
    if (error instanceof UsageError && isAbsent(error.cause)) {
      return [];
    }
    throw error;
  }
}

/** The file is there whole, or as it was; nobody but its owner can read it at any time. */
export async function writeAccessFile(
  path: string,
  entries: readonly AccessEntry[],
): Promise<void> {
  const text = JSON.stringify({ version, keys: entries }, undefined, 2);
  await writePrivateFile(path, `${text}\n`, true);
}

async function readPrivateFile(path: string): Promise<string> {
  try {
    const file = await open(path, "r");
    try {
      const { mode, size } = await file.stat();
      // Windows has no such bits; Node makes them up there.
      if (process.platform !== "win32" && (mode & othersMayUse) !== 0) {
        throw new UsageError(`The access file ${path} is open to others.`, {
          hint: `To keep it to yourself: chmod 600 ${path}`,
        });
      }
      if (size > mostBytes) {
        throw notOne(path, "it is too large");
      }
      return await file.readFile("utf8");
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof UsageError) {
      throw error;
    }
    throw isAbsent(error)
      ? new UsageError(`There is no access file ${path}.`, {
          hint: `To make it, with a first key in it: sparky-events access add NAME --access ${path}`,
          cause: error,
        })
      : new UsageError(`Cannot read the access file ${path}: ${readFailure(error)}.`, {
          hint: isForbidden(error)
            ? "It belongs to whoever added the keys; the server has to run as the same user."
            : undefined,
          cause: error,
        });
  }
}

function parseAccessFile(text: string, path: string): readonly AccessEntry[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // What stands there is not shown: somebody may have put a key into it.
    throw notOne(path, "it is not JSON");
  }
  if (!isObject(content) || !Array.isArray(content.keys)) {
    throw notOne(path, "it has no list of keys");
  }
  if (content.version !== version) {
    throw new UsageError(`The access file ${path} is of another version of sparky-events.`, {
      hint: "Use a newer sparky-events with it.",
    });
  }
  const entries = content.keys.map((entry, index) => readEntry(entry, index, path));
  const names = entries.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw notOne(path, `it has two keys called ${twice}`);
  }
  return entries;
}

function readEntry(entry: unknown, index: number, path: string): AccessEntry {
  const { name, role, sha256, created } = isObject(entry) ? entry : {};
  const known = roles.find((one) => one === role);
  if (
    typeof name !== "string" ||
    !isKeyName(name) ||
    known === undefined ||
    typeof sha256 !== "string" ||
    !/^[\da-f]{64}$/.test(sha256) ||
    typeof created !== "string"
  ) {
    throw notOne(path, `its key ${index + 1} lacks a name, a role, a digest or a time`);
  }
  return { name, role: known, sha256, created };
}

function notOne(path: string, reason: string): UsageError {
  return new UsageError(`The access file ${path} is broken: ${reason}.`, {
    hint: "Put a copy of it in its place, or move it away and add the keys anew with sparky-events access add.",
  });
}

/** Names stand in logs, a line per request. */
export function isKeyName(text: string): boolean {
  return /^[a-z\d][\w.-]{0,63}$/i.test(text);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

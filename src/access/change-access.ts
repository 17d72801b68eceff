import type { Clock } from "../clock.js";
import { BusyError, OutputError, UsageError } from "../errors.js";
import { isAbsent, isSystemError, writeFailure } from "../files/errno.js";
import { Lock } from "../files/lock.js";
import {
  type AccessEntry,
  isKeyName,
  readAccessFile,
  readAccessFileIfThere,
  writeAccessFile,
} from "./access-file.js";
import { digestOf, makeKey } from "./access-key.js";
import type { Role } from "./roles.js";

/** What is asked of an access file's keys. */
export interface NewKey {
  readonly name: string;
  readonly role: Role;
}

/**
 * Adds a key; makes the file where there is none.
 *
 * @returns the key, which nothing else keeps
 * @throws UsageError where the name is taken or cannot be one, or the file is broken
 */
export async function addKey(path: string, { name, role }: NewKey, clock: Clock): Promise<string> {
  if (!isKeyName(name)) {
    throw new UsageError(`${JSON.stringify(name)} cannot be the name of a key.`, {
      hint: "Write up to 64 letters, digits, dots, dashes and underscores, such as nightly-report.",
    });
  }
  return await whileLocked(path, clock, async () => {
    const entries = await readAccessFileIfThere(path);
    if (entries.some((entry) => entry.name === name)) {
      throw new UsageError(`${path} has a key called ${name} already.`, {
        hint: `Choose another name, or remove that one: sparky-events access remove ${name} --access ${path}`,
      });
    }
    const key = makeKey();
    const sha256 = digestOf(key).toString("hex");
    const created = new Date(clock.now()).toISOString();
    await writeAccessFile(path, [...entries, { name, role, sha256, created }]);
    return key;
  });
}

/** @throws UsageError where there is no such key, or the file is broken */
export async function removeKey(path: string, name: string, clock: Clock): Promise<void> {
  // Where there is none, no lock is made beside it.
  await readAccessFile(path);
  await whileLocked(path, clock, async () => {
    const entries = await readAccessFile(path);
    const others = entries.filter((entry: AccessEntry) => entry.name !== name);
    if (others.length === entries.length) {
      throw new UsageError(`${path} has no key called ${JSON.stringify(name)}.`, {
        hint: `To see those it has: sparky-events access list --access ${path}`,
      });
    }
    await writeAccessFile(path, others);
  });
}

/** Times in milliseconds: a change is a matter of a few of them. */
const pause = 20;
const patience = 5_000;

/** One change at a time, or one would undo the other. */
async function whileLocked<Result>(
  path: string,
  clock: Clock,
  change: () => Promise<Result>,
): Promise<Result> {
  const lock = await acquire(path, clock);
  try {
    return await change();
  } finally {
    await lock.release();
  }
}

async function acquire(path: string, clock: Clock): Promise<Lock> {
  const lockPath = `${path}.lock`;
  for (let waited = 0; ; waited += pause) {
    try {
      return await Lock.acquire(lockPath, path);
    } catch (error) {
      if (error instanceof BusyError && waited < patience) {
        await clock.sleep(pause);
        continue;
      }
      if (error instanceof BusyError) {
        error.hint = `If no other one runs: rm "${lockPath}"`;
      }
      if (isSystemError(error)) {
        const message = `Cannot write ${path}: ${writeFailure(error)}.`;
        throw isAbsent(error)
          ? new UsageError(message)
          : new OutputError(message, { cause: error });
      }
      throw error;
    }
  }
}

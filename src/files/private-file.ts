import { randomUUID } from "node:crypto";
import { constants, copyFile, link, open, rename, rm } from "node:fs/promises";
import { SparkyEventsError, UsageError } from "../errors.js";

/**
 * Writes a file that only its owner can read, from its first byte on, and that is there whole or not
 * at all.
 *
 * @param replace whether a file of that name may be replaced
 * @throws UsageError where there is one that may not, or where it cannot be written
 */
export async function writePrivateFile(
  path: string,
  text: string,
  replace: boolean,
): Promise<void> {
  const temporary = `${path}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await (replace ? rename(temporary, path) : renameToNew(temporary, path));
  } catch (error) {
    throw error instanceof SparkyEventsError ? error : writeError(error, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** A rename would replace what appeared in the meantime. */
async function renameToNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    // Some file systems have neither hard links nor owners.
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP"].includes((error as NodeJS.ErrnoException).code ?? "")) {
      throw error;
    }
    await copyFile(from, to, constants.COPYFILE_EXCL);
  }
}

function writeError(error: unknown, path: string): UsageError {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "EEXIST"
    ? new UsageError(`${path} is there already, and was left alone.`, {
        hint: "Name another with --config FILE, or move it away. On a terminal, sparky-events init asks whether to replace it.",
        cause: error,
      })
    : new UsageError(`Could not write ${path}: ${reasons[code ?? ""] ?? message}.`, {
        hint: "Name a file in another folder with --config FILE.",
        cause: error,
      });
}

const reasons: Record<string, string> = {
  EACCES: "no permission",
  EISDIR: "it is a folder",
  ENOENT: "its folder does not exist",
  ENOSPC: "the disk is full",
  ENOTDIR: "its folder is a file",
  EPERM: "no permission",
  EROFS: "the disk cannot be written to",
};

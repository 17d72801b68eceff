import { readFile, stat } from "node:fs/promises";
import { decodeUtf8 } from "../../config/utf8.js";
import { UsageError } from "../../errors.js";
import { readFailure } from "../../files/errno.js";
import type { Edges } from "../process/edges.js";

/** The file that `SPARKPOST_API_KEY_FILE` names. */
export interface KeyFile {
  readonly name: string;
  readonly text: string;
  readonly warnings: readonly string[];
}

/**
 * @returns undefined where the environment names no file, or has the key itself
 * @throws UsageError where the file cannot be read
 */
export async function readKeyFile(env: Edges["env"]): Promise<KeyFile | undefined> {
  const name = env.SPARKPOST_API_KEY_FILE;
  if (!name || env.SPARKPOST_API_KEY) {
    return undefined;
  }
  try {
    const text = decodeUtf8(await readFile(name), name);
    const { mode } = await stat(name);
    return { name, text, warnings: permissionWarnings(name, mode) };
  } catch (error) {
    if (error instanceof UsageError) {
      throw error;
    }
    throw new UsageError(`SPARKPOST_API_KEY_FILE: cannot read ${name}: ${readFailure(error)}.`, {
      hint: "It names a file that holds the API key and nothing else.",
      cause: error,
    });
  }
}

// The bit of the group is no sign: systemd lets a service's user in by an access control list, which
// shows as that bit.
const everybodyMayRead = 0o004;

function permissionWarnings(name: string, mode: number): string[] {
  // Windows has no such bits; Node makes them up there.
  return process.platform !== "win32" && (mode & everybodyMayRead) !== 0
    ? [
        `${name} holds the API key and can be read by everybody. To keep it to yourself: chmod 600 ${name}`,
      ]
    : [];
}

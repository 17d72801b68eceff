import { readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { holdsApiKey } from "../../config/api-key.js";
import { type IniEntry, parseIni } from "../../config/ini-file.js";
import { decodeUtf8 } from "../../config/utf8.js";
import { UsageError } from "../../errors.js";
import { isAbsent, readFailure } from "../../files/errno.js";
import type { Edges } from "../process/edges.js";

export interface ConfigFile {
  readonly name: string;
  readonly entries: readonly IniEntry[];
  readonly warnings: readonly string[];
}

/**
 * Reads the ini file: the one that was asked for, else `./sparkpost.ini`, else the one in the
 * person's configuration folder.
 *
 * @returns undefined where none was asked for and there is none
 * @throws UsageError where the file cannot be read or is no ini
 */
export async function readConfigFile(
  asked: string | undefined,
  env: Edges["env"],
): Promise<ConfigFile | undefined> {
  if (asked !== undefined) {
    return readIni(asked, true);
  }
  return (
    (await readIni("sparkpost.ini", false)) ??
    (await readIni(join(configFolder(env), "sparkpost.ini"), false))
  );
}

/** The person's configuration folder for this tool. */
export function configFolder(env: Edges["env"]): string {
  return join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), ".config"), "sparky-events");
}

async function readIni(name: string, required: boolean): Promise<ConfigFile | undefined> {
  let text: string;
  let mode: number;
  try {
    text = decodeUtf8(await readFile(name), name);
    ({ mode } = await stat(name));
  } catch (error) {
    if (error instanceof UsageError) {
      throw error;
    }
    if (!required && isAbsent(error)) {
      return undefined;
    }
    throw new UsageError(`Cannot read ${name}: ${readFailure(error)}.`, {
      hint: "Name the ini file with --config FILE, or let sparky-events init write one.",
      cause: error,
    });
  }
  const entries = parseIni(text, name);
  return { name, entries, warnings: permissionWarnings(name, mode, entries) };
}

const othersMayRead = 0o044;

function permissionWarnings(name: string, mode: number, entries: readonly IniEntry[]): string[] {
  // Windows has no such bits; Node makes them up there.
  return holdsApiKey(entries) && process.platform !== "win32" && (mode & othersMayRead) !== 0
    ? [
        `${name} holds the API key and can be read by others. To keep it to yourself: chmod 600 ${name}`,
      ]
    : [];
}

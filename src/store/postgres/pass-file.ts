import { readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../../errors.js";
import { absentOrThrow } from "../../files/errno.js";

/** What a connection is made to, and as whom. */
export interface Login {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/**
 * The password that libpq's file of passwords has for a login.
 *
 * Source: PostgreSQL documentation, "The Password File"
 *
 * @returns undefined where there is no such file, or no line for this login in it
 * @throws UsageError where others can read the file
 */
export async function passwordFor(
  login: Login,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  const path = env.PGPASSFILE || usualPath(env);
  const text = await readFile(path, "utf8").catch(absentOrThrow);
  const password = text === undefined ? undefined : findPassword(text, login);
  if (password !== undefined && (await isForOthers(path))) {
    throw new UsageError(`${path} holds a password and can be read by others.`, {
      hint: `To keep it to yourself: chmod 600 ${path}`,
    });
  }
  return password;
}

export function findPassword(text: string, login: Login): string | undefined {
  const wanted = [hostOf(login), String(login.port), login.database, login.user];
  for (const line of text.split(/\r?\n/)) {
    const fields = line.startsWith("#") ? [] : fieldsOf(line);
    if (
      fields.length > wanted.length &&
      wanted.every((value, index) => fields[index] === "*" || fields[index] === value)
    ) {
      return fields[wanted.length];
    }
  }
  return undefined;
}

/** Between colons; a backslash takes the meaning from what follows it. */
function fieldsOf(line: string): string[] {
  const pieces = line.match(/\\.|[^\\]|\\$/g) ?? [];
  const fields = [""];
  for (const piece of pieces) {
    if (piece === ":") {
      fields.push("");
    } else {
      fields[fields.length - 1] += piece.length > 1 ? piece.slice(1) : piece;
    }
  }
  return fields;
}

/** A socket of this machine has a path in the place of a name. */
function hostOf({ host }: Login): string {
  return host.startsWith("/") ? "localhost" : host;
}

function usualPath({ APPDATA, HOME }: NodeJS.ProcessEnv): string {
  return process.platform === "win32"
    ? join(APPDATA ?? "", "postgresql", "pgpass.conf")
    : join(HOME || homedir(), ".pgpass");
}

async function isForOthers(path: string): Promise<boolean> {
  return process.platform !== "win32" && ((await stat(path)).mode & 0o077) !== 0;
}

import { dirname } from "node:path";
import { type Job, longestDelay } from "./job.js";

/** A word for any POSIX shell, which reads it as exactly this text. */
export function shellWord(text: string): string {
  return /^[\w@+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
}

export function shellWords(words: readonly string[]): string {
  return words.map(shellWord).join(" ");
}

/** Assignments in front of a command. */
export function assignments(environment: Readonly<Record<string, string>>): string[] {
  return Object.entries(environment).map(([name, value]) => `${name}=${shellWord(value)}`);
}

/**
 * Waits for up to `longestDelay`. A shell need not have `$RANDOM`, awk seeds by the clock, which is
 * the same on every machine when cron wakes up, and a remainder (`%`) ends the command in a crontab.
 */
export const randomSleep = `sleep $(( $(od -An -N2 -tu2 /dev/urandom) / ${Math.ceil(65_536 / (longestDelay * 60))} ))`;

/** A command that writes the key's file, readable by nobody but whom the job runs as, out of what is typed. */
export function writeKeyCommand({ user, namedUser }: Job, keyFile: string): string {
  const folder = shellWord(dirname(keyFile));
  const file = shellWord(keyFile);
  return namedUser
    ? `sudo sh -c ${shellWord(`mkdir -p ${folder} && umask 077 && cat > ${file} && chown ${shellWord(user)} ${file}`)}`
    : `mkdir -p ${folder} && (umask 077; cat > ${file})`;
}

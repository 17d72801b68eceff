import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { gunzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import type { CommandResult } from "./command.js";
import { idColumns, idOf, type SimulatedAccount } from "./simulated-account.js";

/**
 * Arguments of a run that brings an archive up to date.
 *
 * @param times how they are written, where a format leaves the choice
 */
export function syncArguments(
  folder: string,
  { origin }: SimulatedAccount,
  times: readonly string[] = ["--timestamp-format", "raw"],
): string[] {
  const columns = ["--properties", idColumns.join(","), ...times];
  return ["sync", folder, "--host", origin, ...columns, "--log-format", "json"];
}

export interface LogLine {
  readonly level: string;
  readonly event: string;
  readonly [fact: string]: unknown;
}

/** What a run logged; everything that it writes has to be a line of the log. */
export function logOf({ stderr }: CommandResult): LogLine[] {
  return stderr
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

/** Names of the gaps that a run reported. */
export function gapsOf(result: CommandResult): string[] {
  const { gaps } = logOf(result).find(({ event }) => event === "finished") as unknown as {
    gaps: { name: string }[];
  };
  return gaps.map(({ name }) => name);
}

/** Paths of all files in a folder and in the folders within, with `/`, sorted. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .sort();
}

export async function eventFilesIn(folder: string): Promise<string[]> {
  return (await filesIn(folder)).filter((path) => /\.csv(\.gz)?$/.test(path));
}

/** The ids of an archive's events by local day, sorted, however many files a day has. */
export async function readArchive(folder: string): Promise<Map<string, string[]>> {
  const days = new Map<string, string[]>();
  for (const path of await eventFilesIn(folder)) {
    const day = dayOf(path);
    days.set(day, [...(days.get(day) ?? []), ...(await readIds(join(folder, path)))].sort());
  }
  return days;
}

/** The local day of a file's name. */
export function dayOf(path: string): string {
  return /\d{4}-\d\d-\d\d/.exec(path)?.[0] ?? path;
}

async function readIds(path: string): Promise<string[]> {
  const bytes = await readFile(path);
  const text = path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
  const events: Record<string, string>[] = parse(text, { columns: true });
  return events.map(idOf);
}

/** What is in an archive: the hash of each file, and the manifest apart from when files were made. */
export async function contentsOf(folder: string): Promise<Record<string, unknown>> {
  // A torn draft of a lock looks like one that is being written; it goes with a later run.
  const paths = (await filesIn(folder)).filter((path) => !path.startsWith(".sync/lock-"));
  const contents = await Promise.all(
    paths.map(async (path) => {
      const bytes = await readFile(join(folder, path));
      const content = path.endsWith("manifest.json")
        ? JSON.parse(bytes.toString(), (key, value) => (key === "exportedAt" ? undefined : value))
        : createHash("sha256").update(bytes).digest("hex");
      return [path, content] as const;
    }),
  );
  return Object.fromEntries(contents);
}

import { realpath } from "node:fs/promises";
import type { JournalEntry } from "./journal-entry.js";
import { folderOf, journalIn } from "./partial-names.js";
import { readJournal } from "./read-journal.js";

/** Without any page there is nothing to go on from. */
export function hasFetched(entries: readonly JournalEntry[]): boolean {
  return entries.some(({ type }) => type === "page" || type === "parts");
}

/**
 * The range of an interrupted export to a file, in epoch milliseconds, as a later one needs it that
 * was asked for with a time such as `now`.
 *
 * @returns undefined where no interrupted export is there
 */
export async function interruptedRange(
  path: string,
): Promise<{ from: number; to: number } | undefined> {
  const [start] = await readJournal(await journalOf(path));
  return start?.type === "export" ? start.identity : undefined;
}

/** Path of the journal of an export to a file, which a symbolic link may lead to. */
async function journalOf(path: string): Promise<string> {
  return journalIn(folderOf(await realpath(path).catch(() => path)));
}

/** What an interrupted export to a file has left for a later one to go on from. */
export interface InterruptedExport {
  /** Epoch milliseconds. */
  readonly began: number;
  /** Number of events that SparkPost counted when it began; absent where that is not known. */
  readonly count: number | undefined;
}

/** @returns undefined where there is nothing to go on from */
export async function interruptedExport(path: string): Promise<InterruptedExport | undefined> {
  // What is damaged is told by whoever goes on from it.
  const entries = await readJournal(await journalOf(path)).catch(() => []);
  const [start] = entries;
  if (start?.type !== "export" || !hasFetched(entries)) {
    return undefined;
  }
  const [firstPage] = entries.flatMap((entry) => (entry.type === "page" ? [entry] : []));
  return { began: start.began, count: start.count ?? firstPage?.totalCount };
}

import { formatCount } from "../count.js";
import { UsageError } from "../errors.js";
import type { RecordFormat } from "../formats/record-format.js";
import { DamagedExportError } from "./damaged-export-error.js";
import { type ExportState, replayJournal } from "./export-state.js";
import { hasFetched } from "./interrupted-export.js";
import { Journal } from "./journal.js";
import type { ExportIdentity, JournalEntry } from "./journal-entry.js";
import { findLostPages } from "./lost-pages.js";
import type { PartialFolder } from "./partial-folder.js";
import { journalIn } from "./partial-names.js";
import { proveInterruptedFile } from "./prove-interrupted-file.js";
import { readJournal } from "./read-journal.js";

export interface RestoreOptions {
  /** Begin anew where an interrupted export could go on. */
  readonly force: boolean;
  /** Go on with an interrupted export where there is one. */
  readonly resume: boolean;
  readonly identity: ExportIdentity;
  readonly format: RecordFormat;
  readonly perPage: number;
  /** The most records in a file, the header aside; absent for a single file. */
  readonly splitRows: number | undefined;
}

/**
 * What an interrupted export to `path` has left, where this one is to go on from it. Anything else in
 * the folder is removed.
 *
 * @throws UsageError where it is for the caller to say how to go on, or what was left is of no use
 */
export async function restoreExport(
  path: string,
  own: PartialFolder,
  options: RestoreOptions,
): Promise<ExportState | undefined> {
  if (options.force && !options.resume) {
    await own.empty();
    return undefined;
  }
  const folder = own.path;
  const entries = await readJournal(journalIn(folder));
  const [start] = entries;
  if (start?.type !== "export" || !hasFetched(entries)) {
    await own.empty();
    return undefined;
  }
  const different = differences(start.identity, options.identity);
  if (different.length > 0) {
    throw new OtherExportError(folder, different);
  }
  const state = replay(entries, options.perPage, folder);
  if (!options.resume) {
    throw new UsageError(`An interrupted export of the same range exists: ${progressOf(state)}.`, {
      hint: "Add --resume to go on with it, or --force to begin anew.",
    });
  }
  const { perPage, format, splitRows } = options;
  const lost = await findLostPages(folder, state, format);
  await proveInterruptedFile(path, state, format, splitRows);
  if (lost.length === 0) {
    return state;
  }
  await appendAll(journalIn(folder), lost);
  return replay([...entries, ...lost], perPage, folder);
}

async function appendAll(path: string, entries: readonly JournalEntry[]): Promise<void> {
  const journal = await Journal.open(path);
  try {
    for (const entry of entries) {
      await journal.append(entry);
    }
  } finally {
    await journal.close();
  }
}

/** What an interrupted export left is of no use for this one. */
export class OtherExportError extends UsageError {
  constructor(folder: string, different: readonly string[]) {
    super(
      `${folder} holds an interrupted export of something else: ${different.join(", ")} ${different.length === 1 ? "differs" : "differ"}.`,
      {
        hint: "Repeat the command of that export with --resume, add --force to begin anew, or name another file with --out.",
      },
    );
  }
}

function replay(entries: readonly JournalEntry[], perPage: number, folder: string): ExportState {
  try {
    return replayJournal(entries, perPage);
  } catch (error) {
    throw new DamagedExportError(journalIn(folder), error);
  }
}

function progressOf({ queue, count, parts }: ExportState): string {
  if (parts) {
    return `${parts.done.size} of ${parts.total} parts are there`;
  }
  const events = queue.slices.reduce((sum, slice) => sum + slice.events, 0);
  // A single slice knows from its first page how many there are.
  const total = count ?? queue.slices[0]?.count ?? 0;
  return `${formatCount(events)} of ${formatCount(total)} events are there`;
}

const identityNames: Record<keyof ExportIdentity, string> = {
  version: "the version of sparky-events",
  origin: "the host",
  api: "the API",
  from: "the start",
  to: "the end",
  events: "the event types",
  filters: "the filters",
  metadata: "metadata",
  records: "the format of the records",
  columns: "the columns",
  format: "the format of the CSV",
  zone: "the time zone",
  splitRows: "the rows per file",
};

function differences(earlier: ExportIdentity, now: ExportIdentity): string[] {
  return (Object.keys(identityNames) as (keyof ExportIdentity)[])
    .filter((name) => JSON.stringify(earlier[name]) !== JSON.stringify(now[name]))
    .map((name) => identityNames[name]);
}

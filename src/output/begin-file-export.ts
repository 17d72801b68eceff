import type { ExportState } from "../partial/export-state.js";
import { Journal } from "../partial/journal.js";
import type { ExportIdentity, JournalEntry } from "../partial/journal-entry.js";
import type { MainOutput } from "../partial/main-output.js";
import { PageAssembly } from "../partial/page-assembly.js";
import type { PartialFolder } from "../partial/partial-folder.js";
import { journalIn } from "../partial/partial-names.js";
import type { OpenExport, TargetOptions } from "./export-target.js";
import { FileExport } from "./file-export.js";
import { openMain } from "./open-main.js";
import { refuseTaken } from "./refuse-taken.js";

/**
 * Begins an export to `path`, or goes on with one.
 *
 * @param folder beside it, locked
 * @param isResumed whether there is a page that a later run can build on
 */
export async function beginFileExport(
  path: string,
  options: TargetOptions,
  folder: PartialFolder,
  state: ExportState,
  isResumed: boolean,
): Promise<OpenExport> {
  const { format, identity, splitRows, force } = options;
  const { header } = format;
  if (splitRows !== undefined) {
    await refuseTaken(path, Math.ceil((state.count ?? 0) / splitRows) + 1, force);
  }
  const journal = await Journal.open(journalIn(folder.path));
  return closedOnFailure(journal, async () => {
    if (!isResumed) {
      await journal.append(firstEntry(identity, state));
    }
    const main = await openMain(path, folder.path, state, format, splitRows, (entry) =>
      journal.append(entry),
    );
    const assembly = new PageAssembly(
      {
        main,
        folder: folder.path,
        slices: state.queue.slices,
        durable: true,
        // What is in a gzipped file cannot be taken back when a slice starts over.
        direct: main.rewind !== undefined,
        onMain: async (reached) => {
          await journal.append({ type: "main", main: reached });
          await journal.flush();
        },
      },
      Math.max(header.length, state.main.consumed),
    );
    return closedOnFailure({ close: () => closeAll(assembly, main) }, async () => {
      if (state.main.consumed === 0) {
        await main.append(header, 0);
      }
      restorePages(assembly, state, header.length);
      await assembly.advance();
      return new FileExport(path, options, folder, journal, main, assembly, isResumed);
    });
  });
}

async function closedOnFailure<Result>(
  it: { close(): Promise<void> },
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    await it.close().catch(() => {});
    throw error;
  }
}

async function closeAll(assembly: PageAssembly, main: MainOutput): Promise<void> {
  await assembly.settled().catch(() => {});
  await main.close();
}

function firstEntry(identity: ExportIdentity, { began, count, queue }: ExportState): JournalEntry {
  const slices = queue.slices.map(({ id, from, to, expected }) => ({ id, from, to, expected }));
  return { type: "export", identity, began, count, slices };
}

function restorePages(assembly: PageAssembly, { queue, pages }: ExportState, header: number): void {
  let start = header;
  for (const slice of queue.slices) {
    for (const [index, page] of (pages.get(slice) ?? []).entries()) {
      const { events: records, bytes, checksum } = page;
      assembly.restore(slice, index + 1, { records, bytes, checksum }, start);
      start += bytes;
    }
  }
}

import { isAbsent } from "../files/errno.js";
import { DamagedExportError } from "./damaged-export-error.js";
import { Journal } from "./journal.js";
import type { JournalEntry } from "./journal-entry.js";

/** Entries of a journal; none where there is no journal. */
export async function readJournal(path: string): Promise<JournalEntry[]> {
  try {
    return await Journal.read(path);
  } catch (error) {
    if (isAbsent(error)) {
      return [];
    }
    throw new DamagedExportError(path, error);
  }
}

import { readdir, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../files/replace-file.js";
import { inspectFile, workFolderName } from "./archive-folder.js";
import type { ArchiveSchema } from "./archive-schema.js";
import { pathOfPeriod } from "./file-name.js";
import { formatRecord, type PeriodRecord, parseRecord } from "./manifest.js";
import { putInPlace } from "./put-in-place.js";
import { stagingPath } from "./staging.js";

const noteEnding = ".put.json";

/** Notes the record of a file that is about to get its name, until the manifest has it. */
export async function writeNote(folder: string, name: string, record: PeriodRecord): Promise<void> {
  await replaceFile(notePath(folder, name), JSON.stringify(formatRecord(record)));
}

export async function removeNote(folder: string, name: string): Promise<void> {
  await unlink(notePath(folder, name));
}

function notePath(folder: string, name: string): string {
  return join(folder, workFolderName, name + noteEnding);
}

async function noteNames(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, workFolderName));
  return names.filter((name) => name.endsWith(noteEnding));
}

/** Finishes what an interrupted run was about to put in its place, or had just put there. */
export async function finishPuts(
  folder: string,
  schema: ArchiveSchema,
  records: Map<string, PeriodRecord>,
): Promise<boolean> {
  let finished = false;
  for (const note of await noteNames(folder)) {
    const name = note.slice(0, -noteEnding.length);
    const record = await readNote(join(folder, workFolderName, note));
    const path = join(folder, pathOfPeriod(name, schema));
    const places = [
      path,
      ...[true, false].map((whole) =>
        stagingPath(join(folder, workFolderName), name, whole, schema),
      ),
    ];
    for (const place of record ? places : []) {
      if (record && (await inspectFile(place, record, true)) === "good") {
        if (place !== path) {
          await putInPlace(place, path);
        }
        records.set(name, record);
        finished = true;
        break;
      }
    }
  }
  return finished;
}

async function readNote(path: string): Promise<PeriodRecord | undefined> {
  try {
    return parseRecord(JSON.parse(await readFile(path, "utf8")));
  } catch {
    // A power loss may leave anything.
    return undefined;
  }
}

export async function removeNotes(folder: string): Promise<void> {
  for (const note of await noteNames(folder)) {
    await unlink(join(folder, workFolderName, note));
  }
}

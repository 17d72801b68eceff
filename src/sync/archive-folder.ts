import type { Stats } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../errors.js";
import { isAbsent, isNoFile, readFailure } from "../files/errno.js";
import { pathOfPeriod, readPath } from "./file-name.js";
import { type FileFacts, hashFile } from "./inspect-file.js";
import {
  type Manifest,
  NewerManifestError,
  parseManifest,
  UnreadableManifestError,
} from "./manifest.js";
import type { FileCondition } from "./plan.js";
import { isPlausiblePeriod } from "./plausible-times.js";

export const manifestName = "manifest.json";

/** Folder within an archive for what is no part of it: the lock, exports under way, a copy of the manifest. */
export const workFolderName = ".sync";

/** What reading a manifest came to. */
export interface ManifestReading {
  /** Absent where there is none that can be read. */
  readonly manifest: Manifest | undefined;
  /** Why the manifest itself is not used: it is `absent`, or half a sentence. */
  readonly problem: "absent" | string | undefined;
}

/**
 * Reads the manifest of an archive, or where that is lost or damaged, the copy of it.
 *
 * @throws UsageError where a later version of the tool wrote it
 */
export async function readManifest(folder: string): Promise<ManifestReading> {
  const own = await tryManifest(join(folder, manifestName));
  if (own.manifest) {
    return own;
  }
  const copy = await tryManifest(join(folder, workFolderName, manifestName));
  return { manifest: copy.manifest, problem: own.problem };
}

async function tryManifest(path: string): Promise<ManifestReading> {
  try {
    return { manifest: parseManifest(await readFile(path, "utf8")), problem: undefined };
  } catch (error) {
    if (isAbsent(error)) {
      return { manifest: undefined, problem: "absent" };
    }
    if (error instanceof UnreadableManifestError) {
      return { manifest: undefined, problem: error.message };
    }
    if (isNoFile(error)) {
      return { manifest: undefined, problem: readFailure(error) };
    }
    if (error instanceof NewerManifestError) {
      throw new UsageError(`${path} was written by a later version of sparky-events.`, {
        hint: "Install that version: npm install sparky-events@latest",
      });
    }
    throw error;
  }
}

/**
 * The folders of an archive's generations, oldest first: the folder itself, then its subfolders `2`,
 * `3`, ….
 */
export async function generationFolders(folder: string): Promise<string[]> {
  const numbers = (await readdir(folder)).filter((name) => /^([2-9]|[1-9]\d{1,3})$/.test(name));
  const generations = await Promise.all(
    numbers.map(async (name) => {
      const names = await readdir(join(folder, name)).catch((): string[] => []);
      return names.includes(manifestName) || names.includes(workFolderName) ? [name] : [];
    }),
  );
  const sorted = generations.flat().sort((a, b) => Number(a) - Number(b));
  return [folder, ...sorted.map((name) => join(folder, name))];
}

/** Paths, from the folder on and with `/`, of files that are named as those of an archive. */
export interface FoundFiles {
  readonly files: readonly string[];
  /** Those of days that no archive reaches. */
  readonly strays: readonly string[];
}

export async function listFiles(folder: string, now: number): Promise<FoundFiles> {
  const files: string[] = [];
  const strays: string[] = [];
  const look = async (inside: string): Promise<void> => {
    for (const entry of await readdir(join(folder, inside), { withFileTypes: true })) {
      const path = inside === "" ? entry.name : `${inside}/${entry.name}`;
      if (entry.isDirectory() && /^(date=[\d-]+|hour=\d+)$/.test(entry.name)) {
        await look(path);
      } else if (entry.isFile()) {
        const period = readPath(path);
        if (period) {
          (isPlausiblePeriod(period.name, now) ? files : strays).push(path);
        }
      }
    }
  };
  await look("");
  return { files: files.sort(), strays: strays.sort() };
}

/** Compares a file with its record: its size, and the checksum too where `thoroughly` is on. */
export async function inspectFile(
  path: string,
  record: FileFacts,
  thoroughly: boolean,
): Promise<FileCondition> {
  let found: Stats;
  try {
    found = await stat(path);
  } catch (error) {
    if (isAbsent(error)) {
      return "absent";
    }
    if (isNoFile(error)) {
      return "damaged";
    }
    throw error;
  }
  if (!found.isFile() || found.size !== record.bytes) {
    return "damaged";
  }
  return !thoroughly || (await hashFile(path)).sha256 === record.sha256 ? "good" : "damaged";
}

/** Compares all files of an archive with its manifest. */
export async function inspectFiles(
  folder: string,
  { records, schema }: Pick<Manifest, "records" | "schema">,
  thoroughly: (name: string) => boolean,
): Promise<Map<string, FileCondition>> {
  const conditions = new Map<string, FileCondition>();
  for (const [name, record] of records) {
    const path = join(folder, pathOfPeriod(name, schema));
    conditions.set(name, await inspectFile(path, record, thoroughly(name)));
  }
  return conditions;
}

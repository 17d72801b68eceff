import { mkdir, rmdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { BusyError, UsageError } from "../errors.js";
import { hasCode, isForbidden } from "../files/errno.js";
import { Lock, lockName } from "../files/lock.js";
import { archiveError } from "./archive-error.js";
import { generationFolders, listFiles, readManifest, workFolderName } from "./archive-folder.js";
import { type ArchiveSchema, continuedSchema, schemaDifferences } from "./archive-schema.js";
import { FileArchive } from "./file-archive.js";
import { readPath } from "./file-name.js";

export interface OpenArchive {
  /** The newest generation, to be written to. */
  readonly archive: FileArchive;
  /** Earlier generations, whose files stay as they are. */
  readonly earlier: readonly FileArchive[];
  close(): Promise<void>;
}

/**
 * Locks the folder of an archive, which is made where it does not exist, and opens the newest
 * generation in it.
 *
 * @param newSchema whether to begin a new generation, in a subfolder, where the schema is another one
 * @param now epoch milliseconds
 * @throws BusyError where another run is at work there; UsageError where the schema is another one
 */
export async function openArchive(
  folder: string,
  schema: ArchiveSchema,
  newSchema: boolean,
  now: number,
): Promise<OpenArchive> {
  const { lock, made } = await lockFolder(folder);
  const close = async () => {
    await lock.release();
    // Nothing is to remain of a run that got nowhere.
    await rmdir(join(folder, workFolderName)).catch(() => {});
    if (made) {
      await rmdir(folder).catch(() => {});
    }
  };
  try {
    const folders = await generationFolders(folder);
    const newest = folders.at(-1) ?? folder;
    const { manifest } = await readManifest(newest);
    const continued = manifest ? continuedSchema(manifest.schema, schema) : schema;
    const differences = manifest
      ? schemaDifferences(manifest.schema, continued)
      : await differencesFromNames(newest, schema, now);
    const next = join(folder, String(newest === folder ? 2 : Number(basename(newest)) + 1));
    if (differences.length > 0 && !newSchema) {
      throw schemaError(newest, next, differences);
    }
    const isNext = differences.length > 0;
    const earlier = await openEarlier(isNext ? folders : folders.slice(0, -1), now);
    const begin = endOf(earlier.at(-1));
    const archive = isNext
      ? await FileArchive.open(next, schema, now, begin)
      : await FileArchive.open(newest, continued, now, begin);
    return {
      archive,
      earlier,
      close: async () => {
        await archive.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw archiveError(error, folder);
  }
}

async function openEarlier(folders: readonly string[], now: number): Promise<FileArchive[]> {
  const archives: FileArchive[] = [];
  for (const folder of folders) {
    const { manifest } = await readManifest(folder);
    if (manifest) {
      archives.push(await FileArchive.open(folder, manifest.schema, now));
    }
  }
  return archives;
}

/** Where a next generation has to begin for nothing to be missing in between. */
function endOf(archive: FileArchive | undefined): number | undefined {
  const ends = [...(archive?.records.values() ?? [])].map(({ to }) => to);
  return ends.length > 0 ? ends.reduce((a, b) => Math.max(a, b)) : undefined;
}

async function lockFolder(folder: string): Promise<{ lock: Lock; made: boolean }> {
  try {
    let made = false;
    const work = join(folder, workFolderName);
    const make = async () => {
      made = (await mkdir(folder, { recursive: true })) !== undefined || made;
      await mkdir(work, { recursive: true, mode: 0o700 });
    };
    return { lock: await Lock.acquireIn(work, make, folder), made };
  } catch (error) {
    if (hasCode(error, "EEXIST", "ENOTDIR")) {
      throw new UsageError(`${folder} is no folder.`, {
        hint: "Name a folder, or none: sparky-events sync",
        cause: error,
      });
    }
    if (isForbidden(error)) {
      throw new UsageError(`No permission to write in ${folder}.`, {
        hint: "Name a folder of your own: sparky-events sync DIR",
        cause: error,
      });
    }
    if (error instanceof BusyError) {
      error.hint = `Wait for it. If no other one runs: rm "${join(folder, workFolderName, lockName)}"`;
    }
    throw archiveError(error, folder);
  }
}

/** Without a manifest, the names of the files still tell how they were laid out. */
async function differencesFromNames(
  folder: string,
  schema: ArchiveSchema,
  now: number,
): Promise<string[]> {
  const [path] = (await listFiles(folder, now)).files;
  const naming = path === undefined ? undefined : readPath(path)?.naming;
  return naming ? schemaDifferences({ ...schema, ...naming }, schema) : [];
}

function schemaError(folder: string, next: string, differences: readonly string[]): UsageError {
  return new UsageError(
    `${folder} holds files that were exported with other settings:\n${differences.map((line) => `  ${line}`).join("\n")}`,
    {
      hint: `Go back to the settings of the folder, name another folder, or add --new-schema to begin anew in ${next}; the files that are there stay as they are.`,
    },
  );
}

import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isFolderName, readName } from "../partial/partial-names.js";
import { workFolderName } from "./archive-folder.js";
import type { ArchiveSchema } from "./archive-schema.js";

/**
 * Where a period is exported to before it is put in its place. The name does not end as those of
 * the archive's files do, which programs may look for at any depth.
 *
 * @param whole whether all of the period is expected to be in it
 */
export function stagingPath(
  folder: string,
  name: string,
  whole: boolean,
  { gzip }: Pick<ArchiveSchema, "gzip">,
): string {
  return join(folder, workFolderName, `${name}.${whole ? "new" : "rest"}${gzip ? ".gz" : ""}`);
}

/** Removes what a period was exported to, and interrupted exports of it. */
export async function removeStaged(folder: string, name: string): Promise<void> {
  const work = join(folder, workFolderName);
  const own = (await readdir(work)).filter((entry) =>
    [`${name}.new`, `${name}.rest`].some(
      (start) => entry === start || entry.startsWith(`${start}.`),
    ),
  );
  for (const entry of own) {
    await rm(join(work, entry), { recursive: true });
  }
}

/** Removes folders of exports that were killed when they had nothing to go on with, or nothing left to do. */
export async function removeDeadExports(folder: string): Promise<void> {
  const work = join(folder, workFolderName);
  const partial = (await readdir(work)).filter(isFolderName);
  for (const path of partial.map((entry) => join(work, entry))) {
    const entries = await readdir(path).catch(() => undefined);
    if (entries && !entries.some((entry) => readName(entry)?.kind === "journal")) {
      await rm(path, { recursive: true });
    }
  }
}

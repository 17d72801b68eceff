import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isFolderName, readName } from "../partial/partial-names.js";
import type { NamingSchema } from "./file-name.js";

/**
 * Where a period is exported to before it is put in its place. The name does not end as those of
 * the archive's files do, which programs may look for at any depth.
 *
 * @param work the folder for exports under way
 * @param whole whether all of the period is expected to be in it
 */
export function stagingPath(
  work: string,
  name: string,
  whole: boolean,
  { gzip, records }: Pick<NamingSchema, "gzip" | "records"> = { gzip: false },
): string {
  const ending = records === "parquet" ? ".pq" : gzip ? ".gz" : "";
  return join(work, `${name}.${whole ? "new" : "rest"}${ending}`);
}

/** Removes what a period was exported to, and interrupted exports of it. */
export async function removeStaged(work: string, name: string): Promise<void> {
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
export async function removeDeadExports(work: string): Promise<void> {
  const partial = (await readdir(work)).filter(isFolderName);
  for (const path of partial.map((entry) => join(work, entry))) {
    const entries = await readdir(path).catch(() => undefined);
    if (entries && !entries.some((entry) => readName(entry)?.kind === "journal")) {
      await rm(path, { recursive: true });
    }
  }
}

import { join } from "node:path";
import { SparkyEventsError, UsageError } from "../errors.js";
import { absentOrThrow } from "../files/errno.js";
import { generationFolders, inspectFiles, listFiles, readManifest } from "./archive-folder.js";
import { pathOfPeriod } from "./file-name.js";
import type { Manifest } from "./manifest.js";
import { planOffline } from "./offline-plan.js";
import { type ArchiveStatus, type GenerationStatus, leavingOf, statusOf } from "./period-status.js";
import type { FileCondition } from "./plan.js";
import { readContents } from "./read-contents.js";

/** A folder has files, but neither the manifest nor its copy tells what they should be. */
class LostManifestError extends SparkyEventsError {
  readonly exitCode = 5;
}

export interface StatusOptions {
  /** Of the archive. */
  readonly folder: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** How long after its end a period counts as complete, in milliseconds. */
  readonly settle: number;
  /** How long SparkPost keeps events, in milliseconds; `Infinity` for good. */
  readonly retention: number;
  /** Age beyond which files are deleted, in milliseconds. */
  readonly keep?: number | undefined;
  /** Whether every file is read, rather than its size looked at. */
  readonly verify: boolean;
}

/**
 * Looks at an archive without asking SparkPost.
 *
 * @throws UsageError where there is no archive
 */
export async function readArchiveStatus(options: StatusOptions): Promise<ArchiveStatus> {
  const { folder, now, retention } = options;
  const folders = await generationFolders(folder).catch((error: unknown) => {
    absentOrThrow(error);
    throw noArchive(folder);
  });
  const generations: GenerationStatus[] = [];
  let until: number | undefined;
  for (const generation of folders.reverse()) {
    const { status, since } = await readGeneration(generation, until, options);
    generations.unshift(status);
    until = since ?? until;
  }
  const leaving = leavingOf(generations.at(-1)?.periods ?? [], now, retention);
  return { kind: "folder", name: folder, generations, leaving };
}

async function readGeneration(
  folder: string,
  until: number | undefined,
  options: StatusOptions,
): Promise<{ status: GenerationStatus; since: number | undefined }> {
  const { manifest, problem } = await readManifest(folder);
  const found = await listFiles(folder, options.now);
  if (!manifest) {
    if (found.files.length === 0) {
      throw noArchive(folder);
    }
    throw new LostManifestError(
      `The manifest of ${folder} is lost${problem === "absent" ? "" : ` (${problem})`}.`,
      { hint: "sparky-events sync makes it again from the files." },
    );
  }
  const { schema } = manifest;
  const conditions = await inspectFiles(folder, manifest, () => options.verify);
  if (options.verify) {
    await compareRows(folder, manifest, conditions);
  }
  const { records } = manifest;
  const accepted = new Set(manifest.acceptedGaps);
  const fileOf = (name: string) => ({
    bytes: records.get(name)?.bytes,
    path: join(folder, pathOfPeriod(name, schema)),
  });
  const periods = planOffline(manifest, { ...options, conditions })
    .filter(({ period }) => until === undefined || period.from < until)
    .flatMap((planned) => statusOf(planned, { records, conditions, accepted, fileOf }, options));
  const strays = [...new Set([...found.strays, ...manifest.strays])];
  const status = { name: folder, zone: schema.zone, by: schema.by, problem, periods, strays };
  return { status, since: manifest.since };
}

async function compareRows(
  folder: string,
  { records, schema }: Manifest,
  conditions: Map<string, FileCondition>,
): Promise<void> {
  for (const [name, { rows }] of records) {
    if (conditions.get(name) === "good") {
      const found = await readContents(join(folder, pathOfPeriod(name, schema)), schema);
      if (!found.whole || found.rows !== rows) {
        conditions.set(name, "damaged");
      }
    }
  }
}

function noArchive(folder: string): UsageError {
  return new UsageError(`There is no archive in ${folder}.`, {
    hint: "sparky-events sync DIR makes one; sparky-events status DIR looks at it.",
  });
}

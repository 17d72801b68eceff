import { join } from "node:path";
import { SparkyEventsError, UsageError } from "../errors.js";
import { absentOrThrow } from "../files/errno.js";
import { generationFolders, inspectFiles, listFiles, readManifest } from "./archive-folder.js";
import { recordFormatOf } from "./archive-format.js";
import { pathOfPeriod } from "./file-name.js";
import { readRecords } from "./inspect-file.js";
import type { Manifest } from "./manifest.js";
import { planOffline } from "./offline-plan.js";
import type { PeriodLength } from "./period.js";
import type { FileCondition, PlannedPeriod } from "./plan.js";

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
 * `complete`; `partial`, not over yet, or exported before it was; `changed`, not the file that was
 * written; `missing`, and to be had from SparkPost; `gap`, at least in part not to be had any more.
 */
export type PeriodState = "complete" | "partial" | "changed" | "missing" | "gap";

export interface PeriodStatus {
  readonly name: string;
  /** Epoch milliseconds; `to` is exclusive. */
  readonly from: number;
  readonly to: number;
  readonly state: PeriodState;
  /** Whether it is as good as it can be at this moment, or has been accepted. */
  readonly sound: boolean;
  /** Whether some of it is not there, and has left SparkPost. */
  readonly lost: boolean;
  /** Number of events in the file; 0 where there is none. */
  readonly rows: number;
  /** Size of the file. */
  readonly bytes: number;
  /** Path of the file; absent where there is none. */
  readonly path: string | undefined;
}

export interface GenerationStatus {
  readonly folder: string;
  readonly zone: string;
  readonly by: PeriodLength;
  /** Why the manifest itself cannot be read, and its copy was. */
  readonly problem: string | undefined;
  /** Oldest first. */
  readonly periods: readonly PeriodStatus[];
  /** What is named as if it were of the archive, and no archive can have. */
  readonly strays: readonly string[];
}

export interface ArchiveStatus {
  readonly folder: string;
  /** Oldest first; the last one is written to. */
  readonly generations: readonly GenerationStatus[];
  /** The oldest period that a run could still mend, and when it begins to leave SparkPost, or is gone. */
  readonly leaving:
    | { readonly name: string; readonly from: number; readonly to: number }
    | undefined;
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
  const mendable = generations
    .at(-1)
    ?.periods.find(({ state, sound, to }) => !sound && state !== "gap" && to > now - retention);
  return {
    folder,
    generations,
    leaving:
      mendable && Number.isFinite(retention)
        ? {
            name: mendable.name,
            from: mendable.from + retention,
            to: mendable.to + retention,
          }
        : undefined,
  };
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
  const accepted = new Set(manifest.acceptedGaps);
  const periods = planOffline(manifest, { ...options, conditions })
    .filter(({ period }) => until === undefined || period.from < until)
    .flatMap((planned) => statusOf(planned, folder, manifest, conditions, accepted, options));
  const strays = [...new Set([...found.strays, ...manifest.strays])];
  const status = { folder, zone: schema.zone, by: schema.by, problem, periods, strays };
  return { status, since: manifest.since };
}

async function compareRows(
  folder: string,
  { records, schema }: Manifest,
  conditions: Map<string, FileCondition>,
): Promise<void> {
  const format = recordFormatOf(schema);
  for (const [name, { rows }] of records) {
    if (conditions.get(name) === "good") {
      const found = await readRecords(
        join(folder, pathOfPeriod(name, schema)),
        schema.gzip,
        format,
      );
      if (!found.whole || found.rows !== rows) {
        conditions.set(name, "damaged");
      }
    }
  }
}

function statusOf(
  { period, step }: PlannedPeriod,
  folder: string,
  { records, schema }: Manifest,
  conditions: ReadonlyMap<string, FileCondition>,
  accepted: ReadonlySet<string>,
  { now, retention }: Pick<StatusOptions, "now" | "retention">,
): PeriodStatus[] {
  const record = conditions.get(period.name) === "absent" ? undefined : records.get(period.name);
  const isOpen = step.action === "export" && step.reason === "unfinished";
  if (isOpen && !record) {
    return [];
  }
  const state = isOpen && conditions.get(period.name) === "good" ? "partial" : stateOf(step);
  const isAccepted = step.action === "gap" && accepted.has(period.name);
  return [
    {
      ...period,
      state,
      sound: state === "complete" || (isOpen && state === "partial") || isAccepted,
      lost: step.action === "gap" || (step.action === "export" && period.from < now - retention),
      rows: record?.rows ?? 0,
      bytes: record?.bytes ?? 0,
      path: record && join(folder, pathOfPeriod(period.name, schema)),
    },
  ];
}

function stateOf(step: PlannedPeriod["step"]): PeriodState {
  switch (step.action) {
    case "export":
      return step.reason === "missing" || step.reason === "partial" ? step.reason : "changed";
    case "gap":
      return step.reason === "damaged" ? "changed" : "gap";
    default:
      return "complete";
  }
}

function noArchive(folder: string): UsageError {
  return new UsageError(`There is no archive in ${folder}.`, {
    hint: "sparky-events sync DIR makes one; sparky-events status DIR looks at it.",
  });
}

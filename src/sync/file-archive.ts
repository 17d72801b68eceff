import { mkdir, readdir, readFile, rename, rm, rmdir, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { completeLayout } from "../csv/csv-layout.js";
import { createReferenceConverter } from "../csv/reference-converter.js";
import { UsageError } from "../errors.js";
import { isAbsent, isNoFile } from "../files/errno.js";
import { giveName } from "../files/give-name.js";
import { replaceFile } from "../files/replace-file.js";
import { unitLength } from "../time/units.js";
import { resolveZone } from "../time/zone.js";
import { archiveError } from "./archive-error.js";
import {
  absentOrThrow,
  inspectFile,
  inspectFiles,
  listFiles,
  manifestName,
  readManifest,
  workFolderName,
} from "./archive-folder.js";
import type { ArchiveSchema } from "./archive-schema.js";
import { dayOf, pathOfPeriod, readPath } from "./file-name.js";
import { hashFile, readCsv } from "./inspect-file.js";
import { formatManifest, formatRecord, type PeriodRecord, parseRecord } from "./manifest.js";
import { type Period, periodsIn } from "./period.js";
import type { FileCondition } from "./plan.js";
import type { SyncTarget } from "./sync-target.js";

/** What was out of order about the manifest, and has been set right. */
export interface ManifestRepair {
  /** Why the manifest could not be used: `absent`, or half a sentence. */
  readonly problem: "absent" | string;
  /** Where the one that could not be read is now. */
  readonly movedTo: string | undefined;
}

/**
 * A folder with a CSV file for each period, and a manifest.
 *
 * A file is replaced in three steps, each of which can be the last one: the record of the new file is
 * noted, the file gets its name, and the record goes into the manifest.
 */
export class FileArchive implements SyncTarget {
  readonly folder: string;
  readonly schema: ArchiveSchema;
  /** What had to be set right about the manifest. */
  readonly repair: ManifestRepair | undefined;
  /** Periods whose files the manifest did not know, and does now. */
  readonly adopted: readonly string[];
  /** What is named as if it were of the archive, and no archive can have. */
  readonly strays: readonly string[];
  readonly records: Map<string, PeriodRecord>;
  since: number | undefined;
  acceptedGaps: string[];

  private constructor(
    folder: string,
    schema: ArchiveSchema,
    contents: Pick<
      FileArchive,
      "repair" | "adopted" | "strays" | "records" | "since" | "acceptedGaps"
    >,
  ) {
    this.folder = folder;
    this.schema = schema;
    this.repair = contents.repair;
    this.adopted = contents.adopted;
    this.strays = contents.strays;
    this.records = contents.records;
    this.since = contents.since;
    this.acceptedGaps = contents.acceptedGaps;
  }

  /**
   * Opens an archive whose schema is known to fit, and sets right what an interrupted run or an
   * accident has left: a lost manifest is made again from its copy, or from the files.
   *
   * @param now epoch milliseconds
   * @param begin where a new archive begins, epoch milliseconds; absent for its first period
   * @throws UsageError where a file of another kind has the name of one of the archive's
   */
  static async open(
    folder: string,
    schema: ArchiveSchema,
    now: number,
    begin?: number | undefined,
  ): Promise<FileArchive> {
    await mkdir(join(folder, workFolderName), { recursive: true, mode: 0o700 });
    const { manifest, problem } = await readManifest(folder);
    const records = new Map(manifest?.records);
    const finished = await finishPuts(folder, schema, records);
    const found = await listFiles(folder, now);
    const adopted = await adoptFiles(folder, found.files, schema, records);
    const lost = problem === "absent" ? records.size > 0 : problem !== undefined;
    const repair = lost && problem ? { problem, movedTo: await moveAway(folder) } : undefined;
    const since = [
      manifest ? manifest.since : begin,
      // Of those that an interrupted run had given their names, the manifest did not know.
      ...[...records.values()].map(({ from }) => from),
    ];
    const archive = new FileArchive(folder, schema, {
      repair,
      adopted,
      strays: [...new Set([...found.strays, ...(manifest?.strays ?? [])])],
      records,
      since: earliest(since),
      acceptedGaps: [...(manifest?.acceptedGaps ?? [])],
    });
    if (repair || finished || adopted.length > 0) {
      await archive.#save();
    }
    await removeNotes(folder);
    await removeDeadExports(folder);
    return archive;
  }

  pathOf(name: string): string {
    return join(this.folder, pathOfPeriod(name, this.schema));
  }

  stagingPath(name: string, whole: boolean): string {
    return stagingPath(this.folder, name, whole, this.schema);
  }

  inspect(thoroughly: (name: string) => boolean): Promise<Map<string, FileCondition>> {
    return inspectFiles(this.folder, this, thoroughly);
  }

  async countRows(name: string): Promise<number> {
    const path = this.pathOf(name);
    return (await isFile(path)) ? (await readCsv(path, this.schema.gzip)).rows : 0;
  }

  async put(
    { name, from }: Period,
    staged: string,
    facts: Omit<PeriodRecord, "bytes" | "sha256">,
  ): Promise<PeriodRecord> {
    return this.#explain(async () => {
      const record = { ...facts, ...(await hashFile(staged)) };
      const note = notePath(this.folder, name);
      await replaceFile(note, JSON.stringify(formatRecord(record)));
      await putInPlace(staged, this.pathOf(name));
      this.records.set(name, record);
      this.since = earliest([this.since, from]);
      await this.#save();
      await unlink(note);
      if (record.state === "complete") {
        await this.#removeStaged(name);
      }
      return record;
    });
  }

  async remove(names: readonly string[], since: number): Promise<void> {
    await this.#explain(async () => {
      for (const name of names) {
        const path = this.pathOf(name);
        await unlink(path).catch(absentOrThrow);
        await this.#removeEmptyFolders(path);
        await this.#removeStaged(name);
        this.records.delete(name);
      }
      this.since = Math.max(this.since ?? since, since);
      await this.#save();
    });
  }

  async setAcceptedGaps(names: readonly string[]): Promise<void> {
    this.acceptedGaps = [...names];
    await this.#explain(() => this.#save());
  }

  async close(): Promise<void> {
    // Stays where there is a copy of the manifest, or an interrupted export.
    await rmdir(join(this.folder, workFolderName)).catch(() => {});
  }

  async #save(): Promise<void> {
    const text = formatManifest(this);
    await replaceFile(join(this.folder, manifestName), text);
    await replaceFile(join(this.folder, workFolderName, manifestName), text);
  }

  async #removeStaged(name: string): Promise<void> {
    const work = join(this.folder, workFolderName);
    const own = (await readdir(work)).filter((entry) =>
      [`${name}.new`, `${name}.rest`].some(
        (start) => entry === start || entry.startsWith(`${start}.`),
      ),
    );
    for (const entry of own) {
      await rm(join(work, entry), { recursive: true });
    }
  }

  /** Partitions without a file would be there for readers all the same. */
  async #removeEmptyFolders(path: string): Promise<void> {
    for (let folder = dirname(path); folder !== this.folder; folder = dirname(folder)) {
      await rmdir(folder).catch(() => {});
    }
  }

  async #explain<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw archiveError(error, this.folder);
    }
  }
}

/**
 * The name does not end as those of the archive's files do, which programs may look for at any depth.
 *
 * @param whole whether all of the period is expected to be in it
 */
function stagingPath(
  folder: string,
  name: string,
  whole: boolean,
  { gzip }: Pick<ArchiveSchema, "gzip">,
): string {
  return join(folder, workFolderName, `${name}.${whole ? "new" : "rest"}${gzip ? ".gz" : ""}`);
}

const noteEnding = ".put.json";

/** Where the record of a file is until the manifest has it. */
function notePath(folder: string, name: string): string {
  return join(folder, workFolderName, name + noteEnding);
}

async function noteNames(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, workFolderName));
  return names.filter((name) => name.endsWith(noteEnding));
}

/** Finishes what an interrupted run was about to put in its place, or had just put there. */
async function finishPuts(
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
      ...[true, false].map((whole) => stagingPath(folder, name, whole, schema)),
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

async function removeNotes(folder: string): Promise<void> {
  for (const note of await noteNames(folder)) {
    await unlink(join(folder, workFolderName, note));
  }
}

/** Takes files that are whole but have no record into the records, at their word. */
async function adoptFiles(
  folder: string,
  files: readonly string[],
  schema: ArchiveSchema,
  records: Map<string, PeriodRecord>,
): Promise<string[]> {
  const paths = new Map(
    files.flatMap((path) => {
      const name = readPath(path)?.name;
      const isOurs = name !== undefined && pathOfPeriod(name, schema) === path;
      return isOurs && !records.has(name) ? [[name, join(folder, path)] as const] : [];
    }),
  );
  const header = createReferenceConverter(
    completeLayout({ ...schema.format, columns: schema.columns, zone: schema.zone }),
  ).header();
  const adopted: string[] = [];
  for (const period of periodsNamed([...paths.keys()], schema)) {
    const path = paths.get(period.name);
    const record = path && (await recordOf(path, period, schema, header));
    if (record) {
      records.set(period.name, record);
      adopted.push(period.name);
    }
  }
  return adopted;
}

function periodsNamed(names: readonly string[], { zone, by }: ArchiveSchema): Period[] {
  const days = names.map(dayOf);
  const valid = days.filter((day) => !Number.isNaN(day));
  if (valid.length === 0) {
    return [];
  }
  const wanted = new Set(names);
  const [from, to] = [earliest(valid) ?? 0, valid.reduce((a, b) => Math.max(a, b))];
  return periodsIn(from - unitLength.day, to + 3 * unitLength.day, resolveZone(zone), by).filter(
    ({ name }) => wanted.has(name),
  );
}

async function recordOf(
  path: string,
  { from, to }: Period,
  { gzip }: ArchiveSchema,
  header: Uint8Array,
): Promise<PeriodRecord | undefined> {
  const { rows, start, whole } = await readCsv(path, gzip, header.length);
  if (start.length === header.length && !start.equals(header)) {
    throw new UsageError(`${path} has other columns than the files of this archive.`, {
      hint: "Move it away, or write the settings that it was exported with.",
    });
  }
  if (!whole || start.length < header.length) {
    return undefined;
  }
  const { mtimeMs } = await stat(path);
  return {
    from,
    to,
    rows,
    ...(await hashFile(path)),
    totalCount: null,
    exportedAt: Math.floor(mtimeMs),
    state: mtimeMs < to ? "partial" : "complete",
    toolVersion: null,
  };
}

/** @returns where the manifest is now; undefined where there was none */
async function moveAway(folder: string): Promise<string | undefined> {
  const movedTo = join(folder, `${manifestName}.damaged`);
  try {
    await rename(join(folder, manifestName), movedTo);
    return movedTo;
  } catch (error) {
    return absentOrThrow(error);
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (isAbsent(error) || isNoFile(error)) {
      return false;
    }
    throw error;
  }
}

async function putInPlace(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  try {
    await giveName(from, to);
  } catch (error) {
    if (isNoFile(error)) {
      throw new UsageError(`${to} is a folder.`, {
        hint: "The archive needs that name for a file. Move the folder away.",
        cause: error,
      });
    }
    throw error;
  }
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length > 0 ? known.reduce((a, b) => Math.min(a, b)) : undefined;
}

/** Folders of exports that were killed when they had nothing to go on with, or nothing left to do. */
async function removeDeadExports(folder: string): Promise<void> {
  const work = join(folder, workFolderName);
  const partial = (await readdir(work)).filter((entry) => entry.endsWith(".partial"));
  for (const path of partial.map((entry) => join(work, entry))) {
    const entries = await readdir(path).catch(() => ["journal"]);
    if (!entries.includes("journal")) {
      await rm(path, { recursive: true });
    }
  }
}

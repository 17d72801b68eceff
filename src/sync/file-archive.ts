import { mkdir, rename, rmdir, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { absentOrThrow, isAbsent, isNoFile } from "../files/errno.js";
import { replaceFile } from "../files/replace-file.js";
import { adoptFiles } from "./adopt-files.js";
import { archiveError } from "./archive-error.js";
import {
  inspectFiles,
  listFiles,
  manifestName,
  readManifest,
  workFolderName,
} from "./archive-folder.js";
import type { ArchiveSchema } from "./archive-schema.js";
import { pathOfPeriod } from "./file-name.js";
import { hashFile } from "./inspect-file.js";
import { putUnlessPoorer } from "./keep-fuller.js";
import { formatManifest, type PeriodRecord } from "./manifest.js";
import type { ManifestRepair } from "./manifest-repair.js";
import type { Period } from "./period.js";
import type { FileCondition } from "./plan.js";
import { putInPlace } from "./put-in-place.js";
import { finishPuts, removeNote, removeNotes, writeNote } from "./put-notes.js";
import { readContents } from "./read-contents.js";
import type { StagedPeriod } from "./staged-period.js";
import { removeDeadExports, removeStaged, stagingPath } from "./staging.js";
import type { Placing, PutFacts, SyncTarget } from "./sync-target.js";

/**
 * A folder with a file for each period, and a manifest.
 *
 * A file is replaced in three steps, each of which can be the last one: the record of the new file is
 * noted, the file gets its name, and the record goes into the manifest.
 */
export class FileArchive implements SyncTarget {
  readonly adds = false;
  readonly putsMeanwhile = false;
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
    await removeDeadExports(join(folder, workFolderName));
    return archive;
  }

  pathOf(name: string): string {
    return join(this.folder, pathOfPeriod(name, this.schema));
  }

  stagingPath(name: string, whole: boolean): string {
    return stagingPath(this.#work, name, whole, this.schema);
  }

  inspect(thoroughly: (name: string) => boolean): Promise<Map<string, FileCondition>> {
    return inspectFiles(this.folder, this, thoroughly);
  }

  /** A file is made anew as a whole. */
  async missingParts(period: Period): Promise<Period[]> {
    return [period];
  }

  put(
    period: Period,
    [staged]: readonly StagedPeriod[],
    facts: PutFacts,
    condition: FileCondition | undefined,
  ): Promise<Placing> {
    if (!staged) {
      throw new Error(`Nothing was exported for ${period.name}.`);
    }
    return putUnlessPoorer(this, period, staged, facts, condition);
  }

  async countRows(name: string): Promise<number> {
    const path = this.pathOf(name);
    return (await isFile(path)) ? this.countStaged(path) : 0;
  }

  async countStaged(path: string): Promise<number> {
    return (await readContents(path, this.schema)).rows;
  }

  async replace(
    { name, from }: Period,
    staged: string,
    facts: Omit<PeriodRecord, "bytes" | "sha256">,
  ): Promise<PeriodRecord> {
    return this.#explain(async () => {
      const record = { ...facts, ...(await hashFile(staged)) };
      await writeNote(this.folder, name, record);
      await putInPlace(staged, this.pathOf(name));
      this.records.set(name, record);
      this.since = earliest([this.since, from]);
      await this.#save();
      await removeNote(this.folder, name);
      if (record.state === "complete") {
        await removeStaged(this.#work, name);
      }
      return record;
    });
  }

  async remove(names: readonly string[], since: number): Promise<undefined> {
    await this.#explain(async () => {
      for (const name of names) {
        const path = this.pathOf(name);
        await unlink(path).catch(absentOrThrow);
        await this.#removeEmptyFolders(path);
        await removeStaged(this.#work, name);
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

  get #work(): string {
    return join(this.folder, workFolderName);
  }

  async #save(): Promise<void> {
    const text = formatManifest(this);
    await replaceFile(join(this.folder, manifestName), text);
    await replaceFile(join(this.folder, workFolderName, manifestName), text);
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

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length > 0 ? known.reduce((a, b) => Math.min(a, b)) : undefined;
}

import { chmod, mkdir, mkdtemp, open, realpath, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { UsageError } from "../../errors.js";
import { absentOrThrow, isSystemError, isTaken, writeFailure } from "../../files/errno.js";
import { addNameOrCopy } from "../../files/rename-and-link.js";
import { statIfAny } from "../../files/stat-if-any.js";
import type { EventStore, LoadBatch, StoreMode } from "../event-store.js";
import { importEngine } from "../import-engine.js";
import type { OpenOptions } from "../open-store.js";
import { bringUpToDate } from "../sql/migrations.js";
import { removeEventsBefore, SqlStore } from "../sql/sql-store.js";
import { DuckDbDatabase } from "./duckdb-database.js";
import { quoted } from "./duckdb-dialect.js";
import { duckDbFailure, heldByAnother } from "./duckdb-failure.js";
import { addFunctions } from "./duckdb-functions.js";
import { isTooLong, loadIntoDuckDb, recordLimits } from "./duckdb-load.js";
import { duckDbSchema } from "./duckdb-schema.js";

/**
 * Rows that are compressed together. DuckDB holds so many for each thread in memory when it loads; with
 * more of them, files are hardly smaller.
 */
const rowGroupSize = 16_384;

const memoryLimit = "150MB";

/** Files that this process has open: the operating system's locks are between processes only. */
const openFiles = new Set<string>();

/** Opens a store in a DuckDB file, which one program at a time can do. */
export async function openDuckDbStore(
  { path, name }: { readonly path: string; readonly name: string },
  { mode, create }: OpenOptions,
): Promise<EventStore> {
  const engine = await importEngine(() => import("@duckdb/node-api"), "DuckDB", "@duckdb/node-api");
  if ((await statIfAny(path)) === undefined) {
    if (!create) {
      throw new UsageError(`There is no store ${path}.`, {
        hint: `Make one, and fill it: sparky-events sync --to ${path}`,
      });
    }
    await createFile(engine, path);
  }
  const file = await realpath(path);
  if (openFiles.has(file)) {
    throw heldByAnother(path);
  }
  openFiles.add(file);
  try {
    const database = await openFile(engine, file, mode);
    try {
      const schemaVersion = await bringUpToDate(database, duckDbSchema, mode, name);
      return new DuckDbStore(name, file, database, schemaVersion);
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    openFiles.delete(file);
    throw duckDbFailure(error, path);
  }
}

class DuckDbStore extends SqlStore implements EventStore {
  readonly name: string;
  readonly #file: string;
  readonly #database: DuckDbDatabase;
  readonly #schemaVersion: number;
  #isOpen = true;

  constructor(name: string, file: string, database: DuckDbDatabase, schemaVersion: number) {
    super(database);
    this.name = name;
    this.#file = file;
    this.#database = database;
    this.#schemaVersion = schemaVersion;
  }

  async load(batch: LoadBatch) {
    const attempt = (longestRecord: number) =>
      this.#database.transaction((queries) => loadIntoDuckDb(queries, batch, longestRecord));
    try {
      return await attempt(recordLimits.usual);
    } catch (error) {
      if (error instanceof Error && isTooLong(error.cause)) {
        return await attempt(recordLimits.largest);
      }
      throw error;
    }
  }

  async removeBefore(moment: number) {
    const { timeType } = this.#database.dialect;
    return await this.#database.transaction((queries) =>
      removeEventsBefore(queries, timeType, moment),
    );
  }

  async info() {
    const sizes = await Promise.all([statIfAny(this.#file), statIfAny(walOf(this.#file))]);
    const [engine] = await this.#database.rows("select version() as version");
    return {
      ...(await this.extent()),
      bytesOnDisk: sizes.reduce((sum, stat) => sum + (stat?.size ?? 0), 0),
      schemaVersion: this.#schemaVersion,
      engine: `DuckDB ${engine?.version}`,
    };
  }

  /** Whoever has the file open has it alone. */
  async reserve() {}

  async close() {
    if (!this.#isOpen) {
      return;
    }
    this.#isOpen = false;
    this.#database.close();
    openFiles.delete(this.#file);
    await rm(temporaryFolderOf(this.#file), { recursive: true, force: true });
  }
}

type Engine = typeof import("@duckdb/node-api");

async function openFile(engine: Engine, file: string, mode: StoreMode): Promise<DuckDbDatabase> {
  const temporary = temporaryFolderOf(file);
  if (mode === "write") {
    await mkdir(temporary, { mode: 0o700 }).catch((error: unknown) => {
      if (!isTaken(error)) {
        throw notWritable(error, file);
      }
    });
  }
  const instance = await engine.DuckDBInstance.create(":memory:", {
    memory_limit: memoryLimit,
    threads: "2",
    temp_directory: temporary,
    preserve_insertion_order: "false",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  try {
    const connection = await instance.connect();
    const options =
      mode === "read" ? "read_only" : `storage_version 'latest', row_group_size ${rowGroupSize}`;
    await connection.run(`attach ${quoted(file)} as sparky_events (${options})`);
    addFunctions(connection, engine);
    connection.closeSync();
    return new DuckDbDatabase(instance, file, () => keepPrivate(walOf(file)));
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

/** Makes an empty database that only its owner can read, from its first byte on. */
async function createFile(engine: Engine, path: string): Promise<void> {
  const folder = await mkdtemp(join(dirname(resolve(path)), `.${basename(path)}.`)).catch(
    (error: unknown) => {
      throw notWritable(error, path);
    },
  );
  try {
    const made = join(folder, "new.duckdb");
    (await openFile(engine, made, "write")).close();
    await chmod(made, 0o600);
    // Where another program was quicker, its file stays.
    await addNameOrCopy(made, path);
  } catch (error) {
    throw duckDbFailure(error, path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Lets the log of changes be a file that only its owner can read: DuckDB would let others. */
async function keepPrivate(wal: string): Promise<void> {
  const file = await open(wal, "a", 0o600).catch(absentOrThrow);
  await file?.close();
}

function notWritable(error: unknown, path: string): unknown {
  return isSystemError(error)
    ? new UsageError(`A store cannot be written at ${path}: ${writeFailure(error)}.`, {
        hint: "Name a file in a folder of your own, which exists.",
        cause: error,
      })
    : error;
}

function walOf(file: string): string {
  return `${file}.wal`;
}

function temporaryFolderOf(file: string): string {
  return `${file}.tmp`;
}

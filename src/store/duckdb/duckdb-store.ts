import { chmod, mkdir, mkdtemp, open, realpath, rm, unlink } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { type DuckDb, importDuckDb } from "../../duckdb/import-duckdb.js";
import { quoted } from "../../duckdb/sql-text.js";
import { isTooLarge } from "../../duckdb/too-large.js";
import { OutputError, UsageError } from "../../errors.js";
import { absentOrThrow, isSystemError, isTaken, writeFailure } from "../../files/errno.js";
import { addNameOrCopy } from "../../files/rename-and-link.js";
import { statIfAny } from "../../files/stat-if-any.js";
import type { EventStore, LoadBatch, OpenOptions, StoreMode } from "../event-store.js";
import { forgetRecipient } from "../sql/forgotten.js";
import { bringUpToDate } from "../sql/migrations.js";
import { removeEventsBefore, SqlStore } from "../sql/sql-store.js";
import { compactDuckDb, removeCompacted, requireOwnContent } from "./duckdb-compact.js";
import { DuckDbDatabase } from "./duckdb-database.js";
import { duckDbFailure, heldByAnother } from "./duckdb-failure.js";
import { addFunctions } from "./duckdb-functions.js";
import { loadIntoDuckDb, recordLimits } from "./duckdb-load.js";
import { usualMemory, writeOptions } from "./duckdb-options.js";
import { duckDbSchema } from "./duckdb-schema.js";

/** Files that this process has open: the operating system's locks are between processes only. */
const openFiles = new Set<string>();

/** Opens a store in a DuckDB file, which one program at a time can do. */
export async function openDuckDbStore(
  { path, name }: { readonly path: string; readonly name: string },
  options: OpenOptions,
): Promise<EventStore> {
  const { mode, create } = options;
  const engine = await importDuckDb("A store in DuckDB");
  let isNew = false;
  if ((await statIfAny(path)) === undefined) {
    if (!create) {
      throw new UsageError(`There is no store ${path}.`, {
        hint: `Make one, and fill it: sparky-events sync --to ${path}`,
      });
    }
    isNew = await createFile(engine, path);
  }
  const file = await realpath(path);
  if (openFiles.has(file)) {
    throw heldByAnother(path);
  }
  openFiles.add(file);
  try {
    const database = await openInPlace(engine, file, mode);
    try {
      const schemaVersion = await bringUpToDate(database, duckDbSchema, options, name);
      if (mode === "write") {
        await removeCompacted(file);
      }
      return new DuckDbStore({
        name,
        file,
        database,
        schemaVersion,
        emptyAt: isNew ? database.changes : undefined,
        makeEmpty: (made) => makeEmpty(engine, made),
      });
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    openFiles.delete(file);
    throw duckDbFailure(error, path);
  }
}

interface DuckDbStoreOptions {
  readonly name: string;
  readonly file: string;
  readonly database: DuckDbDatabase;
  readonly schemaVersion: number;
  /** Number of changes with which nothing is in it; undefined for a file that was there. */
  readonly emptyAt: number | undefined;
  /** Makes the file of a store that is empty. */
  readonly makeEmpty: (path: string) => Promise<void>;
}

class DuckDbStore extends SqlStore implements EventStore {
  readonly name: string;
  readonly #options: DuckDbStoreOptions;
  readonly #file: string;
  readonly #database: DuckDbDatabase;
  #isOpen = true;

  constructor(options: DuckDbStoreOptions) {
    super(options.database);
    this.name = options.name;
    this.#options = options;
    this.#file = options.file;
    this.#database = options.database;
  }

  async load(batch: LoadBatch) {
    try {
      for (const { longest, memory } of recordLimits) {
        await this.#database.change(`set memory_limit = '${memory}'`);
        try {
          return await this.#database.transaction((queries) =>
            loadIntoDuckDb(queries, batch, longest),
          );
        } catch (error) {
          if (!(error instanceof Error && isTooLarge(error.cause))) {
            throw error;
          }
        }
      }
      throw new OutputError(`An event is too long for ${this.name}: DuckDB takes up to 256 MB.`, {
        hint: "PostgreSQL takes longer ones: sync --to postgres://…",
      });
    } finally {
      await this.#database.change(`set memory_limit = '${usualMemory}'`);
    }
  }

  async removeBefore(moment: number) {
    const { timeType } = this.#database.dialect;
    return await this.#database.transaction((queries) =>
      removeEventsBefore(queries, timeType, moment),
    );
  }

  async forget(address: string, moment: number) {
    const { dialect } = this.#database;
    // Without that, what is removed would stay in the file.
    await requireOwnContent(this.#database, this.name);
    return await this.#database.transaction((queries) =>
      forgetRecipient(queries, dialect, address, moment),
    );
  }

  async compact() {
    await requireOwnContent(this.#database, this.name);
    const before = await this.#bytesOnDisk();
    await compactDuckDb(this.#database, this.#file, this.#options.makeEmpty);
    await this.close();
    return { before, after: await this.#bytesOnDisk() };
  }

  async addIndex(): Promise<never> {
    throw withoutIndexes(this.name);
  }

  async removeIndex(): Promise<never> {
    throw withoutIndexes(this.name);
  }

  async info() {
    const [engine] = await this.#database.rows("select version() as version");
    return {
      ...(await this.extent()),
      bytesOnDisk: await this.#bytesOnDisk(),
      schemaVersion: this.#options.schemaVersion,
      engine: `DuckDB ${engine?.version}`,
      indexes: [],
    };
  }

  /** Whoever has the file open has it alone. */
  async reserve() {}

  async discardIfEmpty() {
    if (this.#database.changes === this.#options.emptyAt) {
      // While nobody else can have opened it. What has a file open may keep it from being removed, and why
      // it is empty is what has to be told.
      await this.#database.change("checkpoint sparky_events").catch(() => {});
      await unlink(walOf(this.#file)).catch(() => {});
      await unlink(this.#file).catch(() => {});
    }
  }

  async close() {
    if (!this.#isOpen) {
      return;
    }
    this.#isOpen = false;
    await removeEmpty(walOf(this.#file));
    this.#database.close();
    openFiles.delete(this.#file);
    await rm(temporaryFolderOf(this.#file), { recursive: true, force: true });
  }

  async #bytesOnDisk(): Promise<number> {
    const sizes = await Promise.all([statIfAny(this.#file), statIfAny(walOf(this.#file))]);
    return sizes.reduce((sum, stat) => sum + (stat?.size ?? 0), 0);
  }
}

/** Opens the file that has the name when it is locked: it may have been compacted since it was opened. */
async function openInPlace(engine: DuckDb, file: string, mode: StoreMode): Promise<DuckDbDatabase> {
  for (;;) {
    const before = await statIfAny(file);
    const database = await openFile(engine, file, mode);
    const after = await statIfAny(file);
    if (before?.ino === after?.ino) {
      return database;
    }
    database.close();
  }
}

async function makeEmpty(engine: DuckDb, path: string): Promise<void> {
  const database = await openFile(engine, path, "write");
  try {
    await bringUpToDate(database, duckDbSchema, { mode: "write", create: true }, path);
  } finally {
    database.close();
  }
  await rm(temporaryFolderOf(path), { recursive: true, force: true });
}

function withoutIndexes(name: string): UsageError {
  return new UsageError(`${name} is a DuckDB file, which has no indexes and needs none.`, {
    hint: "It looks through the events for what --where names; an index is for PostgreSQL.",
  });
}

async function openFile(engine: DuckDb, file: string, mode: StoreMode): Promise<DuckDbDatabase> {
  const temporary = temporaryFolderOf(file);
  if (mode === "write") {
    await mkdir(temporary, { mode: 0o700 }).catch((error: unknown) => {
      if (!isTaken(error)) {
        throw notWritable(error, file);
      }
    });
  }
  const instance = await engine.DuckDBInstance.create(":memory:", {
    memory_limit: usualMemory,
    threads: "2",
    temp_directory: temporary,
    preserve_insertion_order: "false",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  try {
    const connection = await instance.connect();
    const options = mode === "read" ? "read_only" : writeOptions;
    await connection.run(`attach ${quoted(file)} as sparky_events (${options})`);
    addFunctions(connection, engine);
    connection.closeSync();
    return new DuckDbDatabase(instance, file, () => keepPrivate(walOf(file)));
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

/**
 * Makes an empty database that only its owner can read, from its first byte on.
 *
 * @returns whether it is this one that is there: where another program was quicker, its file stays
 */
async function createFile(engine: DuckDb, path: string): Promise<boolean> {
  const folder = await mkdtemp(join(dirname(resolve(path)), `.${basename(path)}.`)).catch(
    (error: unknown) => {
      throw notWritable(error, path);
    },
  );
  try {
    const made = join(folder, "new.duckdb");
    (await openFile(engine, made, "write")).close();
    await chmod(made, 0o600);
    return await addNameOrCopy(made, path);
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

/** A change that changed nothing leaves the log that was made for it. */
async function removeEmpty(wal: string): Promise<void> {
  if ((await statIfAny(wal))?.size === 0) {
    await rm(wal, { force: true });
  }
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

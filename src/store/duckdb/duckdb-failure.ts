import {
  BusyError,
  OutputError,
  ServiceError,
  SparkyEventsError,
  UsageError,
} from "../../errors.js";

/** What a failure of DuckDB means for a person. */
export function duckDbFailure(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || error instanceof SparkyEventsError) {
    return error;
  }
  const known = failures.find(({ pattern }) => pattern.test(error.message));
  return known
    ? known.make(path, error)
    : new ServiceError(`DuckDB could not go on with ${path}: ${firstLine(error.message)}`, {
        cause: error,
      });
}

/** The same, where it is the file that another process holds. */
export function heldByAnother(path: string, cause?: unknown): BusyError {
  const [, id] = /PID (\d+)/.exec(cause instanceof Error ? cause.message : "") ?? [];
  return new BusyError(`${path} is in use by another program${id ? ` (process ${id})` : ""}.`, {
    hint: "A DuckDB file is for one program at a time: wait until that has ended, or stop it. Where it is a server (sparky-events serve), name its address with --host.",
    cause,
  });
}

interface Failure {
  readonly pattern: RegExp;
  make(path: string, cause: Error): SparkyEventsError;
}

const failures: readonly Failure[] = [
  { pattern: /Could not set lock on file/i, make: heldByAnother },
  {
    pattern: /No space left|disk is full|max_temp_directory_size|Disk quota|File too large/i,
    make: (path, cause) =>
      new OutputError(`Could not write ${path}: the disk is full.`, {
        hint: "Make room, and run it again. What was in the store is as it was.",
        cause,
      }),
  },
  {
    pattern: /not a valid DuckDB database|Could not read from file|Is a directory/i,
    make: (path, cause) =>
      new UsageError(`${path} is no DuckDB file.`, {
        hint: "Name a file that sparky-events made, or one that does not exist yet.",
        cause,
      }),
  },
  {
    pattern: /version number \d+|newer version of DuckDB|newer DuckDB|storage version/i,
    make: (path, cause) =>
      new UsageError(
        `${path} was written by another version of DuckDB: ${firstLine(cause.message)}`,
        {
          hint: "Install the newest: npm install @duckdb/node-api@latest",
          cause,
        },
      ),
  },
  {
    pattern: /Corrupt database|checksum/i,
    make: (path, cause) =>
      new OutputError(`${path} is damaged: ${firstLine(cause.message)}`, {
        hint: "Take it from a backup, or move it away and fill a new one.",
        cause,
      }),
  },
  {
    pattern: /Permission denied|Read-only file system|Operation not permitted/i,
    make: (path, cause) =>
      new UsageError(`No permission to open ${path}.`, {
        hint: "Name a file in a folder of your own.",
        cause,
      }),
  },
  {
    pattern: /No such file or directory|database does not exist/i,
    make: (path, cause) => new UsageError(`There is no ${path}.`, { cause }),
  },
];

function firstLine(message: string): string {
  return message.split("\n", 1)[0]?.replace(/^(?:\w+ )+Error: /, "") ?? "";
}

import { randomBytes } from "node:crypto";
import {
  constants,
  copyFile,
  type FileHandle,
  link,
  open,
  realpath,
  rename,
  stat,
  unlink,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { UsageError } from "../errors.js";
import type { Output, WrittenOutput } from "./output.js";
import { isSystemError, openError, writeError } from "./write-error.js";

/**
 * A file that appears under its name only when it is complete: written beside the target, flushed
 * to disk, then renamed.
 */
export class FileOutput implements Output {
  readonly #path: string;
  /** Where the bytes go until they are complete; the target itself for devices and named pipes. */
  readonly #workPath: string;
  readonly #force: boolean;
  readonly #file: FileHandle;
  readonly #head: Writable;
  readonly #written: Promise<void>;
  #bytes = 0;
  #keepWorkFile = false;

  private constructor(path: string, workPath: string, force: boolean, file: FileHandle) {
    this.#path = path;
    this.#workPath = workPath;
    this.#force = force;
    this.#file = file;
    const sink = new Writable({
      write: (chunk: Uint8Array, _encoding, done) => {
        writeWhole(file, chunk).then(() => {
          this.#bytes += chunk.length;
          done();
        }, done);
      },
    });
    const gzip = path.endsWith(".gz") ? createGzip() : undefined;
    this.#head = gzip ?? sink;
    this.#written = gzip ? pipeline(gzip, sink) : pipelineEnd(sink);
    // Whoever writes or commits hears of the failure; until then it must not count as unhandled.
    this.#written.catch(() => {});
  }

  /** @throws UsageError where the target exists and `force` is off, or cannot be written */
  static async open(target: string, force: boolean): Promise<FileOutput> {
    try {
      const existing = await statIfAny(target);
      if (existing?.isDirectory()) {
        throw new UsageError(`${target} is a folder.`, {
          hint: `Name a file in it: --out ${join(target, "events.csv")}`,
        });
      }
      if (existing && !existing.isFile()) {
        return new FileOutput(target, target, force, await open(target, "w"));
      }
      if (existing && !force) {
        throw new UsageError(`${target} exists already.`, {
          hint: "Add --force to replace it, or name another file with --out.",
        });
      }
      // The file that a symbolic link leads to is replaced, not the link.
      const path = existing ? await realpath(target) : target;
      const unique = randomBytes(4).toString("hex");
      const workPath = join(dirname(path), `${basename(path)}.${unique}.partial`);
      return new FileOutput(path, workPath, force, await open(workPath, "wx"));
    } catch (error) {
      throw openError(error, target);
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#head.once("error", reject);
        this.#head.write(bytes, (error) => {
          this.#head.off("error", reject);
          error ? reject(error) : resolve();
        });
      });
    } catch (error) {
      throw writeError(await this.#causeOf(error), this.#path);
    }
  }

  async commit(): Promise<WrittenOutput> {
    await this.#finish();
    if (this.#workPath !== this.#path) {
      await this.#publish(this.#path, this.#force);
    }
    return { path: this.#path, bytes: this.#bytes };
  }

  async discard(): Promise<void> {
    this.#head.destroy();
    await this.#file.close().catch(() => {});
    if (this.#workPath !== this.#path && !this.#keepWorkFile) {
      await unlink(this.#workPath).catch(() => {});
    }
  }

  async keepIncomplete(): Promise<string | undefined> {
    await this.#finish();
    if (this.#workPath === this.#path) {
      return undefined;
    }
    const path = `${this.#path}.incomplete`;
    await this.#publish(path, true);
    return path;
  }

  /** Everything on disk, the file closed. */
  async #finish(): Promise<void> {
    try {
      this.#head.end();
      await this.#written;
      if (this.#workPath !== this.#path) {
        await this.#file.sync();
      }
      await this.#file.close();
    } catch (error) {
      throw writeError(error, this.#path);
    }
  }

  async #publish(path: string, replace: boolean): Promise<void> {
    try {
      if (replace) {
        await rename(this.#workPath, path);
      } else {
        await renameToNew(this.#workPath, path);
      }
      await syncFolder(dirname(path));
    } catch (error) {
      if (isSystemError(error) && error.code === "EEXIST") {
        this.#keepWorkFile = true;
        throw new UsageError(`${path} appeared while the export ran, and was left alone.`, {
          hint: `The export is complete; it is in ${this.#workPath}.`,
          cause: error,
        });
      }
      throw writeError(error, path);
    }
  }

  /** With gzip the error of a write may be a mere "destroyed"; the pipeline knows why. */
  async #causeOf(error: unknown): Promise<unknown> {
    if (this.#head.destroyed) {
      return this.#written.then(
        () => error,
        (cause: unknown) => cause,
      );
    }
    return error;
  }
}

function pipelineEnd(sink: Writable): Promise<void> {
  return new Promise((resolve, reject) => {
    sink.once("finish", resolve);
    sink.once("error", reject);
  });
}

async function writeWhole(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await file.write(bytes, written)).bytesWritten;
  }
}

async function statIfAny(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (isSystemError(error) && error.code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}

/** Renames, but fails with EEXIST where the target has appeared in the meantime. */
async function renameToNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!isSystemError(error) || error.code === "EEXIST") {
      throw error;
    }
    // A file system without hard links: copying exclusively is the other way to fail on a target.
    await copyFile(from, to, constants.COPYFILE_EXCL);
  }
  await unlink(from);
}

/** A rename is on disk only when its folder is. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    // Windows and some network file systems cannot flush a folder; the rename stands all the same.
    if (!isSystemError(error)) {
      throw error;
    }
  }
}

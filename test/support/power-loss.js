// For --import: the power fails when the run changes the disk for the nth time, n being
// LOSE_POWER_AT. Of the writes that were not flushed, each is gone or not, by the throw of a die with
// LOSE_POWER_SEED. Of the names that were given and taken away since a folder was flushed, the last ones
// are as before. Writes the number of changes to CHANGES_FILE when it lives to see the end.
import syncFs from "node:fs";
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isMainThread } from "node:worker_threads";
import { currentRun, tellChangesAtExit } from "./current-run.js";

/** What a run has not flushed. */
class Unflushed {
  /** By inode: a descriptor of our own, and how to undo what was not flushed, oldest first. */
  files = new Map();
  /** How to undo each change of names that is not certain yet, oldest first. */
  names = [];
  positions = new WeakMap();
  #die;

  constructor(seed) {
    this.#die = seed;
  }

  die(sides) {
    this.#die = (Math.imul(this.#die, 1103515245) + 12345) & 0x7fffffff;
    return (this.#die >> 8) % sides;
  }

  lose() {
    for (const { undo } of this.files.values()) {
      for (const step of undo.reverse()) {
        if (this.die(2) === 0) {
          step();
        }
      }
    }
    for (const step of this.names.slice(this.die(this.names.length + 1)).reverse()) {
      step();
    }
    this.forget();
  }

  forget() {
    for (const { fd } of this.files.values()) {
      syncFs.closeSync(fd);
    }
    this.files.clear();
  }

  fileOf(handle) {
    const { dev, ino } = syncFs.fstatSync(handle.fd);
    const key = `${dev} ${ino}`;
    const file = this.files.get(key) ?? {
      fd: syncFs.openSync(`/proc/self/fd/${handle.fd}`, "r+"),
      undo: [],
    };
    this.files.set(key, file);
    return file;
  }
}

const unflushed = new WeakMap();
/** Names that were taken away, under other names. */
let stash;
let stashed = 0;

function unflushedOf(run) {
  const known = unflushed.get(run) ?? new Unflushed(Number(run.env.LOSE_POWER_SEED ?? 1));
  unflushed.set(run, known);
  return known;
}

/** Every change goes through here; at the fatal one, and after it, nothing happens any more. */
async function change(act) {
  const run = currentRun();
  const disk = unflushedOf(run);
  run.changes += 1;
  if (run.changes === Number(run.env.LOSE_POWER_AT)) {
    await run.kill(() => disk.lose());
  }
  return run.change(() => act(disk));
}

/** What is needed to write back what is there now. */
function remember(file, position, length) {
  const { size } = syncFs.fstatSync(file.fd);
  const old = Buffer.alloc(Math.max(0, Math.min(length, size - position)));
  syncFs.readSync(file.fd, old, 0, old.length, position);
  file.undo.push(() => {
    const now = syncFs.fstatSync(file.fd).size;
    syncFs.writeSync(file.fd, old, 0, old.length, position);
    if (position + length >= now) {
      syncFs.ftruncateSync(file.fd, Math.max(size, position + old.length));
    } else if (length > old.length) {
      // What follows is there already, so the disk has nothing but NUL here.
      syncFs.writeSync(
        file.fd,
        Buffer.alloc(length - old.length),
        0,
        length - old.length,
        position + old.length,
      );
    }
  });
}

if (isMainThread) {
  stash = syncFs.mkdtempSync(join(tmpdir(), "sparky-events-test-stash-"));
  process.on("exit", () => syncFs.rmSync(stash, { recursive: true, force: true }));
  const original = { ...fs };
  const probe = await fs.open(import.meta.filename ?? new URL(import.meta.url).pathname);
  const handle = Object.getPrototypeOf(probe);
  await probe.close();
  const methods = {
    write: handle.write,
    appendFile: handle.appendFile,
    writeFile: handle.writeFile,
    truncate: handle.truncate,
    datasync: handle.datasync,
    sync: handle.sync,
  };

  fs.open = (path, flags = "r", mode) =>
    flags === "r"
      ? original.open(path, flags, mode)
      : change(() => original.open(path, flags, mode));
  handle.write = function (bytes, offset = 0, length = bytes.length - offset, position = null) {
    return change((disk) => {
      const at = position ?? disk.positions.get(this) ?? 0;
      remember(disk.fileOf(this), at, length);
      disk.positions.set(this, at + length);
      return methods.write.call(this, bytes, offset, length, position);
    });
  };
  handle.appendFile = function (data) {
    return change((disk) => {
      remember(disk.fileOf(this), syncFs.fstatSync(this.fd).size, Buffer.byteLength(data));
      return methods.appendFile.call(this, data);
    });
  };
  handle.writeFile = function (data) {
    return change((disk) => {
      remember(disk.fileOf(this), 0, Buffer.byteLength(data));
      return methods.writeFile.call(this, data);
    });
  };
  handle.truncate = function (length = 0) {
    return change((disk) => {
      const file = disk.fileOf(this);
      const { size } = syncFs.fstatSync(file.fd);
      remember(file, length, size - length);
      return methods.truncate.call(this, length);
    });
  };
  for (const name of ["datasync", "sync"]) {
    handle[name] = function () {
      const run = currentRun();
      const disk = unflushedOf(run);
      return run.change(async () => {
        if (syncFs.fstatSync(this.fd).isDirectory()) {
          const certain = disk.names.length;
          await methods[name].call(this);
          disk.names = disk.names.slice(certain);
          return;
        }
        const file = disk.fileOf(this);
        const certain = file.undo.length;
        await methods[name].call(this);
        file.undo.splice(0, certain);
      });
    };
  }

  /** A second name for what is about to lose its own. */
  const keep = (path) => {
    stashed += 1;
    const kept = join(stash, String(stashed));
    try {
      syncFs.linkSync(path, kept);
      return kept;
    } catch {
      return undefined;
    }
  };
  const put = (kept, path) => kept && syncFs.renameSync(kept, path);
  const undoable = (name, undoOf) => {
    fs[name] = (...args) =>
      change(async (disk) => {
        const undo = undoOf(...args);
        const result = await original[name](...args);
        disk.names.push(undo);
        return result;
      });
  };
  undoable("unlink", (path) => {
    const kept = keep(path);
    return () => put(kept, path);
  });
  undoable("link", (_from, to) => () => syncFs.unlinkSync(to));
  undoable("rename", (from, to) => {
    const kept = keep(to);
    return () => {
      syncFs.renameSync(to, from);
      put(kept, to);
    };
  });
  undoable("rm", (path) => {
    const kept = keep(path);
    return () => put(kept, path);
  });
  // It may have been made again since.
  undoable("rmdir", (path) => () => syncFs.mkdirSync(path, { mode: 0o700, recursive: true }));
  syncBuiltinESMExports();
  tellChangesAtExit();
}

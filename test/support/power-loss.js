// For --import: the power fails when the process changes the disk for the nth time, n being
// LOSE_POWER_AT. Of the writes that were not flushed, each is gone or not, by the throw of a die with
// LOSE_POWER_SEED. Of the names that were given and taken away since a folder was flushed, the last ones
// are as before. Writes the number of changes to CHANGES_FILE when it lives to see the end.
import syncFs from "node:fs";
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isMainThread } from "node:worker_threads";

const { LOSE_POWER_AT, LOSE_POWER_SEED, CHANGES_FILE } = process.env;
let state = Number(LOSE_POWER_SEED ?? 1);
let changes = 0;
let isOff = false;
const never = new Promise(() => {});

/** By inode: a descriptor of our own, and how to undo what was not flushed, oldest first. */
const files = new Map();
/** How to undo each change of names that is not certain yet, oldest first. */
let names = [];
let stash;

function die(sides) {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
  return (state >> 8) % sides;
}

/** Every change goes through here; at the fatal one, and after it, nothing happens any more. */
async function change() {
  if (isOff) {
    await never;
  }
  changes += 1;
  if (changes === Number(LOSE_POWER_AT)) {
    isOff = true;
    losePower();
    process.kill(process.pid, "SIGKILL");
    await never;
  }
}

function losePower() {
  for (const { undo } of files.values()) {
    for (const step of undo.reverse()) {
      if (die(2) === 0) {
        step();
      }
    }
  }
  for (const step of names.slice(die(names.length + 1)).reverse()) {
    step();
  }
}

function fileOf(handle) {
  const { dev, ino } = syncFs.fstatSync(handle.fd);
  const key = `${dev} ${ino}`;
  const file = files.get(key) ?? {
    fd: syncFs.openSync(`/proc/self/fd/${handle.fd}`, "r+"),
    undo: [],
  };
  files.set(key, file);
  return file;
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

if (isMainThread && (LOSE_POWER_AT || CHANGES_FILE)) {
  stash = syncFs.mkdtempSync(join(tmpdir(), "sparky-events-test-stash-"));
  process.on("exit", () => syncFs.rmSync(stash, { recursive: true, force: true }));
  const original = { ...fs };
  const positions = new WeakMap();
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

  fs.open = async (path, flags = "r", mode) => {
    if (flags !== "r") {
      await change();
    }
    return original.open(path, flags, mode);
  };
  handle.write = async function (
    bytes,
    offset = 0,
    length = bytes.length - offset,
    position = null,
  ) {
    await change();
    const at = position ?? positions.get(this) ?? 0;
    remember(fileOf(this), at, length);
    positions.set(this, at + length);
    return methods.write.call(this, bytes, offset, length, position);
  };
  handle.appendFile = async function (data) {
    await change();
    remember(fileOf(this), syncFs.fstatSync(this.fd).size, Buffer.byteLength(data));
    return methods.appendFile.call(this, data);
  };
  handle.writeFile = async function (data) {
    await change();
    remember(fileOf(this), 0, Buffer.byteLength(data));
    return methods.writeFile.call(this, data);
  };
  handle.truncate = async function (length = 0) {
    await change();
    const file = fileOf(this);
    const { size } = syncFs.fstatSync(file.fd);
    remember(file, length, size - length);
    return methods.truncate.call(this, length);
  };
  for (const name of ["datasync", "sync"]) {
    handle[name] = async function () {
      if (isOff) {
        await never;
      }
      if (syncFs.fstatSync(this.fd).isDirectory()) {
        const certain = names.length;
        await methods[name].call(this);
        names = names.slice(certain);
        return;
      }
      const file = fileOf(this);
      const certain = file.undo.length;
      await methods[name].call(this);
      file.undo.splice(0, certain);
    };
  }

  /** A second name for what is about to lose its own. */
  const keep = (path) => {
    const kept = join(stash, String(changes));
    try {
      syncFs.linkSync(path, kept);
      return kept;
    } catch {
      return undefined;
    }
  };
  const put = (kept, path) => kept && syncFs.renameSync(kept, path);
  const undoable = (name, undoOf) => {
    fs[name] = async (...args) => {
      await change();
      const undo = undoOf(...args);
      const result = await original[name](...args);
      names.push(undo);
      return result;
    };
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
  process.on("exit", () => CHANGES_FILE && syncFs.writeFileSync(CHANGES_FILE, String(changes)));
}

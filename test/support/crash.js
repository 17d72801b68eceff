// For --import: kills the process without warning when it changes the disk for the nth time, n being
// CRASH_AT. Of what is written then, only half arrives. With CRASH_FILE and CRASH_TEXT, only what writes
// this text to a file whose path has this ending counts as a change. Writes the number of changes to
// CHANGES_FILE when it lives to see the end.
import { readlinkSync, writeFileSync } from "node:fs";
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";

const { CRASH_AT, CRASH_FILE, CRASH_TEXT, CHANGES_FILE } = process.env;
const crashAt = Number(CRASH_AT);
let changes = 0;

function crashIfDue(beforehand = () => {}) {
  changes++;
  if (changes === crashAt) {
    return Promise.resolve(beforehand()).then(() => {
      process.kill(process.pid, "SIGKILL");
      return new Promise(() => {});
    });
  }
  return undefined;
}

function crashBefore(object, name, isChange = () => true) {
  const original = object[name];
  object[name] = async function (...args) {
    if (!CRASH_FILE && isChange(...args)) await crashIfDue();
    return original.apply(this, args);
  };
}

function crashWithin(object, name, halve) {
  const original = object[name];
  object[name] = async function (...args) {
    if (!CRASH_FILE || isText(this?.fd, ...args)) {
      await crashIfDue(() => original.apply(this, halve(args)));
    }
    return original.apply(this, args);
  };
}

function isText(fd, ...args) {
  const [path, data] = fd ? [readlinkSync(`/proc/self/fd/${fd}`), ...args] : args;
  return String(path).endsWith(CRASH_FILE) && String(data).includes(CRASH_TEXT);
}

const half = (data) => data.slice(0, data.length / 2);

if (isMainThread) {
  const file = await fs.open(fileURLToPath(import.meta.url));
  const handle = Object.getPrototypeOf(file);
  await file.close();

  for (const name of ["rename", "unlink", "rm", "rmdir", "mkdir", "link", "copyFile", "truncate"]) {
    crashBefore(fs, name);
  }
  crashBefore(fs, "open", (_path, flags = "r") => flags !== "r");
  crashBefore(handle, "truncate");
  for (const name of ["writeFile", "appendFile"]) {
    crashWithin(handle, name, ([data, ...rest]) => [half(data), ...rest]);
    crashWithin(fs, name, ([path, data, ...rest]) => [path, half(data), ...rest]);
  }
  crashWithin(handle, "write", ([bytes, offset = 0, length = bytes.length - offset, position]) => [
    bytes,
    offset,
    length >> 1,
    position,
  ]);
  syncBuiltinESMExports();
  if (CHANGES_FILE) {
    process.on("exit", () => writeFileSync(CHANGES_FILE, String(changes)));
  }
}

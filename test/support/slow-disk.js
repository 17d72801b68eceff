// For --import: a disk that takes SLOW_WRITE_MS milliseconds longer for each write and each flush, and
// SLOW_FLUSH_MS longer for each flush; or that never answers where that is Infinity.
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";

const writing = Number(process.env.SLOW_WRITE_MS ?? 0);
const flushing = writing + Number(process.env.SLOW_FLUSH_MS ?? 0);

function slow(object, name, milliseconds) {
  const original = object[name];
  object[name] = async function (...args) {
    await (milliseconds === Number.POSITIVE_INFINITY ? new Promise(() => {}) : delay(milliseconds));
    return original.apply(this, args);
  };
}

if (isMainThread && flushing > 0) {
  const file = await fs.open(fileURLToPath(import.meta.url));
  const handle = Object.getPrototypeOf(file);
  await file.close();

  for (const name of ["datasync", "sync"]) {
    slow(handle, name, flushing);
  }
  if (writing > 0) {
    for (const name of ["write", "writev", "writeFile", "appendFile"]) {
      slow(handle, name, writing);
    }
    for (const name of ["writeFile", "appendFile"]) {
      slow(fs, name, writing);
    }
  }
  syncBuiltinESMExports();
}

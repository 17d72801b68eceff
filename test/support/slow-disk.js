// For --import: a disk that takes SLOW_WRITE_MS milliseconds longer for each write and each flush, and
// SLOW_FLUSH_MS longer for each flush; or that never answers where that is Infinity.
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";
import { currentRun } from "./current-run.js";

const writing = () => Number(currentRun().env.SLOW_WRITE_MS ?? 0);
const flushing = () => writing() + Number(currentRun().env.SLOW_FLUSH_MS ?? 0);

function slow(object, name, time) {
  const original = object[name];
  object[name] = async function (...args) {
    const milliseconds = time();
    if (milliseconds === Number.POSITIVE_INFINITY) {
      await new Promise(() => {});
    } else if (milliseconds > 0) {
      await delay(milliseconds);
    }
    return original.apply(this, args);
  };
}

if (isMainThread) {
  const file = await fs.open(fileURLToPath(import.meta.url));
  const handle = Object.getPrototypeOf(file);
  await file.close();

  for (const name of ["datasync", "sync"]) {
    slow(handle, name, flushing);
  }
  for (const name of ["write", "writev", "writeFile", "appendFile"]) {
    slow(handle, name, writing);
  }
  for (const name of ["writeFile", "appendFile"]) {
    slow(fs, name, writing);
  }
  syncBuiltinESMExports();
}

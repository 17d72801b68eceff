// For --import: a disk that takes SLOW_WRITE_MS milliseconds longer for each write and each flush, or
// that never answers where it is Infinity.
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";

const slowness = Number(process.env.SLOW_WRITE_MS);

function slow(object, name) {
  const original = object[name];
  object[name] = async function (...args) {
    await (slowness === Number.POSITIVE_INFINITY ? new Promise(() => {}) : delay(slowness));
    return original.apply(this, args);
  };
}

if (isMainThread && slowness > 0) {
  const file = await fs.open(fileURLToPath(import.meta.url));
  const handle = Object.getPrototypeOf(file);
  await file.close();

  for (const name of ["write", "writev", "writeFile", "appendFile", "datasync", "sync"]) {
    slow(handle, name);
  }
  for (const name of ["writeFile", "appendFile"]) {
    slow(fs, name);
  }
  syncBuiltinESMExports();
}

// For --import: kills the run without warning when it changes the disk for the nth time, n being
// CRASH_AT. Of what is written then, only half arrives. With CRASH_FILE and CRASH_TEXT, only what writes
// this text to a file whose path has this ending counts as a change. Writes the number of changes to
// CHANGES_FILE when it lives to see the end.
import { readlinkSync } from "node:fs";
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";
import { currentRun, tellChangesAtExit } from "./current-run.js";

/** Replaces a call that changes the disk; `halve` gives the arguments of one that does half of it. */
function crashIn(object, name, { isChange = () => true, isCounted = isChange, halve } = {}) {
  const original = object[name];
  object[name] = async function (...args) {
    if (!isChange(...args)) {
      return original.apply(this, args);
    }
    const run = currentRun();
    const isDue = isCounted.call(this, ...args) && ++run.changes === Number(run.env.CRASH_AT);
    if (!isDue) {
      return run.change(() => original.apply(this, args));
    }
    if (halve) {
      await run.change(() => original.apply(this, halve(args)));
    }
    return run.kill();
  };
}

function isNamed() {
  return !currentRun().env.CRASH_FILE;
}

function isText(...args) {
  const { CRASH_FILE, CRASH_TEXT } = currentRun().env;
  if (!CRASH_FILE) {
    return true;
  }
  const [path, data] = this?.fd ? [readlinkSync(`/proc/self/fd/${this.fd}`), ...args] : args;
  return String(path).endsWith(CRASH_FILE) && String(data).includes(CRASH_TEXT);
}

const half = (data) => data.slice(0, data.length / 2);

if (isMainThread) {
  const file = await fs.open(fileURLToPath(import.meta.url));
  const handle = Object.getPrototypeOf(file);
  await file.close();

  for (const name of ["rename", "unlink", "rm", "rmdir", "mkdir", "link", "copyFile", "truncate"]) {
    crashIn(fs, name, { isCounted: isNamed });
  }
  const isChange = (_path, flags = "r") => flags !== "r";
  crashIn(fs, "open", { isChange, isCounted: isNamed });
  crashIn(handle, "truncate", { isCounted: isNamed });
  for (const name of ["writeFile", "appendFile"]) {
    crashIn(handle, name, {
      isCounted: isText,
      halve: ([data, ...rest]) => [half(data), ...rest],
    });
    crashIn(fs, name, {
      isCounted: isText,
      halve: ([path, data, ...rest]) => [path, half(data), ...rest],
    });
  }
  crashIn(handle, "write", {
    isCounted: isText,
    halve: ([bytes, offset = 0, length = bytes.length - offset, position]) => [
      bytes,
      offset,
      length >> 1,
      position,
    ],
  });
  syncBuiltinESMExports();
  tellChangesAtExit();
}

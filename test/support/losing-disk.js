// For --import: a disk that says that it has written what LOSE_FROM names ("main", say), and has lost the
// last byte of it when it is flushed for the last time.
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { basename } from "node:path";
import { isMainThread } from "node:worker_threads";
import { currentRun } from "./current-run.js";

if (isMainThread) {
  const { open } = fs;
  fs.open = async (path, ...rest) => {
    const file = await open(path, ...rest);
    if (basename(String(path)) === currentRun().env.LOSE_FROM) {
      const { sync } = file;
      file.sync = async () => {
        const { size } = await file.stat();
        await file.truncate(size - 1);
        await sync.call(file);
      };
    }
    return file;
  };
  syncBuiltinESMExports();
}

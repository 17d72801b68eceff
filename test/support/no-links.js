// For --import: a file system without hard links, which answers NO_LINKS ("EPERM", say) to who makes one.
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { isMainThread } from "node:worker_threads";
import { currentRun } from "./current-run.js";

if (isMainThread) {
  fs.link = async (from, to) => {
    const code = currentRun().env.NO_LINKS;
    throw Object.assign(new Error(`${code}: link '${from}' -> '${to}'`), { code, syscall: "link" });
  };
  syncBuiltinESMExports();
}

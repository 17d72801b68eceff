// For --import: stops before certain changes and looks at the disk, for a test to do something in
// between. PAUSES is a list of `[call, pattern]`, and each of them stops the first call of
// `node:fs/promises` with a path that matches. It is told by a file `reached-0`, `reached-1`, … in PAUSE_FOLDER,
// and goes on when there is a `go-0`, `go-1`, … .
import { existsSync, writeFileSync } from "node:fs";
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isMainThread } from "node:worker_threads";

const { PAUSES, PAUSE_FOLDER } = process.env;

function pauseBefore(name, pattern, index) {
  const original = fs[name];
  let isOver = false;
  fs[name] = async function (...args) {
    if (!isOver && args.some((arg) => typeof arg === "string" && pattern.test(arg))) {
      isOver = true;
      writeFileSync(join(PAUSE_FOLDER, `reached-${index}`), "");
      while (!existsSync(join(PAUSE_FOLDER, `go-${index}`))) {
        await delay(2);
      }
    }
    return original.apply(this, args);
  };
}

if (isMainThread && PAUSES) {
  for (const [index, [name, pattern]] of JSON.parse(PAUSES).entries()) {
    pauseBefore(name, new RegExp(pattern), index);
  }
  syncBuiltinESMExports();
}

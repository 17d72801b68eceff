import { spawnSync } from "node:child_process";
import {
  arch,
  availableParallelism,
  cpus,
  loadavg,
  release,
  tmpdir,
  totalmem,
  type,
} from "node:os";

export function printMachine() {
  const memory = Math.round(totalmem() / 2 ** 30);
  console.log(`CPU      ${cpus()[0].model.trim()}, ${availableParallelism()} cores, ${memory} GiB`);
  console.log(`System   ${type()} ${release()} ${arch()}`);
  console.log(`Node.js  ${process.versions.node}, V8 ${process.versions.v8}`);
  console.log(`curl     ${versionOf("curl") ?? "not installed"}`);
  console.log(`jq       ${versionOf("jq") ?? "not installed"}`);
  console.log(`Files    in ${tmpdir()}`);
  console.log(`Load     ${describeLoad()} before the first part`);
}

/** Mean number of processes that wanted to run in the last minute: other work shows here. */
function describeLoad() {
  return loadavg()[0].toFixed(1);
}

/** @returns {string | undefined} undefined where the program is not installed */
export function versionOf(program) {
  const { status, stdout } = spawnSync(program, ["--version"], { encoding: "utf8" });
  return status === 0 ? /\d+(\.\d+)+/.exec(stdout)?.[0] : undefined;
}

import { readFileSync } from "node:fs";
import { packageFile } from "../package-files.js";
import { applySettings, bindExports, requireSameNames, type Wasm } from "./contract.js";
import type { Host } from "./host.js";
import { ProjectorMemory } from "./projector-memory.js";
import type { Task } from "./task.js";
import { Instance, Module, type WasmModule } from "./web-assembly.js";

let module: WasmModule | undefined;

/**
 * Opens a module of its own for a task.
 *
 * @returns undefined where the task is too large for its tables
 */
export function instantiate(
  task: Task,
  host: Host,
): { wasm: Wasm; memory: ProjectorMemory } | undefined {
  module ??= new Module(readFileSync(packageFile("dist/projector.wasm")));
  const wanted = Module.imports(module).map(({ name }) => name);
  requireSameNames("import", wanted, Object.keys(host.imports));
  const { exports } = new Instance(module, { host: host.imports });
  const wasm = bindExports(exports);
  if (!fits(task, wasm)) {
    return undefined;
  }
  const memory = new ProjectorMemory(wasm.memory, wasm.heapStart(), wasm.constants.overreach);
  host.serve(wasm, memory);
  applySettings(exports, task.settings(wasm.constants));
  wasm.open();
  fillTables(task, wasm, memory);
  return { wasm, memory };
}

function fits({ columns, tree }: Task, { constants }: Wasm): boolean {
  const keys = tree.members.reduce((sum, { key }) => sum + key.length, 0);
  return (
    columns.length <= constants.mostColumns &&
    tree.size <= constants.mostValues &&
    keys <= constants.pathKeysRoom
  );
}

function fillTables({ tree, columns }: Task, wasm: Wasm, { bytes, inputStart }: ProjectorMemory) {
  const { keyRoom, columnValues, columnTimes, wholeEvent } = wasm.constants;
  /** Puts a key where the module can read it. Returns its addresses. */
  const place = (key: Uint8Array): [start: number, end: number] => {
    bytes.set(key, inputStart);
    return [inputStart, inputStart + key.length];
  };
  for (const [property, name] of tree.properties.entries()) {
    const key = Buffer.from(JSON.stringify(name));
    // Without an escape, a key has one spelling in bytes. With one, it is compared as text.
    if (key.length + ":".length <= keyRoom && key.toString() === `"${name}"`) {
      wasm.addKey(property, ...place(key));
    }
  }
  for (const { value, within, key, index } of tree.members) {
    wasm.addPathMember(value, within, ...place(key), index);
  }
  for (const [column, { value, isTime }] of columns.entries()) {
    bytes.writeInt32LE(value ?? wholeEvent, columnValues + 4 * column);
    bytes[columnTimes + column] = Number(isTime);
  }
}

import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { firstPage } from "../simulator.js";
import { fileInWorkspace } from "../workspace.js";

/** Path of a script in this folder. */
export function scriptPath(name) {
  return fileURLToPath(new URL(`${name}.js`, import.meta.url));
}

/** A competitor that is a script in this folder. */
export function nodeScript(name, ...args) {
  return { command: process.execPath, args: [scriptPath(name), ...args] };
}

/** One that fetches the pages itself and writes a CSV file. */
export function exportScript(path, simulator, { columns, output }) {
  return {
    command: process.execPath,
    args: [path, firstPage(simulator), columns.join(","), output],
    creates: output,
  };
}

/** Makes one file of a script and what it imports, which are the tool's sources too. Returns its path. */
export async function buildScript(name) {
  const file = fileInWorkspace(`${name}.mjs`);
  await build({ input: scriptPath(name), platform: "node", output: { file } });
  return file;
}

import { fileURLToPath } from "node:url";
import { firstPage } from "../simulator.js";

/** A competitor that is a script in this folder. */
export function nodeScript(name, ...args) {
  const path = fileURLToPath(new URL(`${name}.js`, import.meta.url));
  return { command: process.execPath, args: [path, ...args] };
}

/** One that fetches the pages itself and writes a CSV file. */
export function exportScript(name, simulator, { columns, output }) {
  return {
    ...nodeScript(name, firstPage(simulator), columns.join(","), output),
    creates: output,
  };
}

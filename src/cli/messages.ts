import type { Edges } from "./edges.js";
import type { Screen } from "./screen.js";
import { createStyle } from "./style.js";
import { wrapFor } from "./wrap.js";

/** Says on standard error what will be missing or goes wrong. */
export function warn({ stderr, env }: Edges, messages: readonly string[]): void {
  print(stderr, createStyle(stderr, env).yellow("warning:"), messages);
}

/** Says on standard error what is good to know. */
export function note({ stderr, env }: Edges, messages: readonly string[]): void {
  print(stderr, createStyle(stderr, env).dim("note:"), messages);
}

function print(stderr: Screen, label: string, messages: readonly string[]): void {
  for (const message of messages) {
    stderr.write(`${wrapFor(stderr, `${label} ${message}`)}\n`);
  }
}

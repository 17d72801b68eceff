import type { Edges } from "../process/edges.js";
import { withoutSecrets } from "../settings/secrets.js";
import { createStyle } from "../terminal/style.js";
import { wrapFor } from "../terminal/wrap.js";

/** Says on standard error what will be missing or goes wrong. */
export function warn(edges: Edges, messages: readonly string[]): void {
  const { stderr, env } = edges;
  print(edges, createStyle(stderr, env).yellow("warning:"), messages);
}

/** Says on standard error what is good to know. */
export function note(edges: Edges, messages: readonly string[]): void {
  const { stderr, env } = edges;
  print(edges, createStyle(stderr, env).dim("note:"), messages);
}

function print(edges: Edges, label: string, messages: readonly string[]): void {
  const { stderr } = edges;
  for (const message of messages) {
    stderr.write(`${wrapFor(stderr, `${label} ${withoutSecrets(message, edges)}`)}\n`);
  }
}

import type { CommandOptions } from "./command.js";

/** What makes a disk slow, or lets it fail: modules of this folder, and what they are told. */
export type Disk = Pick<CommandOptions, "env" | "nodeOptions">;

export function diskOf(names: readonly string[], env: Readonly<Record<string, string>>): Disk {
  const urls = names.map((name) => new URL(name, import.meta.url).href);
  return { nodeOptions: urls.flatMap((url) => ["--import", url]), env };
}

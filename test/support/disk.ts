import type { CommandOptions } from "./command.js";

/** What makes a disk slow, or lets it fail: modules of this folder, and what they are told. */
export type Disk = Pick<CommandOptions, "env" | "disk">;

export function diskOf(disk: readonly string[], env: Readonly<Record<string, string>>): Disk {
  return { disk, env };
}

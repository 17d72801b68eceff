import { readAccessFile } from "../../../access/access-file.js";
import { addKey, removeKey } from "../../../access/change-access.js";
import { resolveAccessPath } from "../../../config/serve-settings.js";
import { UsageError } from "../../../errors.js";
import { note, warn } from "../../log/messages.js";
import { refuseAbsentOutput } from "../../process/absent-output.js";
import type { Edges } from "../../process/edges.js";
import { readSources } from "../../settings/session.js";
import { writeListing } from "../listing.js";
import type { AccessGiven } from "./command.js";

/** Changes or shows who may use a server of one's own. */
export async function runAccess(command: AccessGiven, edges: Edges): Promise<void> {
  const { sources, warnings } = await readSources(command, edges);
  warn(edges, warnings);
  const path = resolveAccessPath(sources);
  refuseOthersOptions(command);
  switch (command.action) {
    case "add": {
      // A key that cannot be shown is of no use to anybody.
      refuseAbsentOutput();
      const name = nameOf(command);
      const key = await addKey(path, { name, role: command.role ?? "search" }, edges.clock);
      note(edges, [`This is the key of ${name}. ${path} has its hash only: keep the key now.`]);
      edges.stdout.writeExact(`${key}\n`);
      return;
    }
    case "list": {
      const entries = await readAccessFile(path);
      const rows = entries.map(({ name, role, created }) => ({ name, role, created }));
      const shown = ["name", "role", "created"];
      writeListing({ rows, shown }, command.format ?? "table", edges);
      return;
    }
    case "remove":
      await removeKey(path, nameOf(command), edges.clock);
  }
}

function nameOf({ action, name }: AccessGiven): string {
  if (name === undefined) {
    throw new UsageError(`access ${action} needs the name of a key.`, {
      hint: `For example: sparky-events access ${action} nightly-report`,
    });
  }
  return name;
}

function refuseOthersOptions({ action, name, role, format }: AccessGiven): void {
  const misplaced = [
    ...(action !== "add" && role !== undefined ? ["--role"] : []),
    ...(action !== "list" && format !== undefined ? ["--format"] : []),
    ...(action === "list" && name !== undefined ? [JSON.stringify(name)] : []),
  ][0];
  if (misplaced !== undefined) {
    throw new UsageError(`access ${action} takes no ${misplaced}.`, { hint: "Leave it out." });
  }
}

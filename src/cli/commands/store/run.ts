import { UsageError } from "../../../errors.js";
import type { Edges } from "../../process/edges.js";
import { namedStore } from "../../settings/store-place.js";
import { changeIndex } from "./change-index.js";
import type { StoreGiven } from "./command.js";
import { compactStore } from "./compact-store.js";
import { forgetPerson } from "./forget-person.js";
import { showInfo } from "./show-info.js";

/** Shows or changes a store. */
export async function runStore(command: StoreGiven, edges: Edges): Promise<void> {
  const { action, format = "table", yes = false, remove = false } = command;
  const address = namedStore(command.store);
  refuseOthersOptions(command);
  switch (action) {
    case "info":
      return await showInfo(address, format, edges);
    case "compact":
      return await compactStore(address, format, edges);
    case "forget":
      return await forgetPerson(address, subjectOf(command, "anna@example.com"), yes, edges);
    case "index":
      return await changeIndex(address, subjectOf(command, "rcpt_meta.order_id"), remove, edges);
  }
}

function subjectOf({ action, subject }: StoreGiven, example: string): string {
  if (!subject) {
    throw new UsageError(`store ${action} needs to be told what.`, {
      hint: `For example: sparky-events store ${action} ${example}`,
    });
  }
  return subject;
}

function refuseOthersOptions({ action, subject, yes, remove, format }: StoreGiven): void {
  const takesSubject = action === "forget" || action === "index";
  const misplaced = [
    ...(takesSubject || subject === undefined ? [] : [JSON.stringify(subject)]),
    ...(action !== "forget" && yes ? ["--yes"] : []),
    ...(action !== "index" && remove ? ["--remove"] : []),
    ...(takesSubject && format !== undefined ? ["--format"] : []),
  ][0];
  if (misplaced !== undefined) {
    throw new UsageError(`store ${action} takes no ${misplaced}.`, { hint: "Leave it out." });
  }
}

import { readdir } from "node:fs/promises";
import { countOf } from "../../../count.js";
import { SparkyEventsError, UsageError } from "../../../errors.js";
import { shellWord } from "../../../schedule/shell.js";
import type { EventStore, Extent } from "../../../store/event-store.js";
import type { StoreAddress } from "../../../store/store-address.js";
import { toUtcSeconds } from "../../../time/iso.js";
import { warn } from "../../log/messages.js";
import type { Edges } from "../../process/edges.js";
import { openWhenFree } from "../../settings/open-when-free.js";
import { workFolderOf } from "../../settings/store-place.js";
import { terminalPrompter } from "../init/prompter.js";

/** Removes every event of a person from a store, and what they have left in its files. */
export async function forgetPerson(
  address: StoreAddress,
  person: string,
  yes: boolean,
  edges: Edges,
): Promise<void> {
  const work = workFolderOf(address, edges);
  const store = await openWhenFree(address, work, edges, false);
  try {
    // A sync has counted what is there.
    await store.reserve();
    const found = describe(await store.recipientExtent(person), person);
    if (!yes && !(await confirm(`${store.name} has ${found}.`, store.name, person, edges))) {
      edges.stdout.write("Nothing was removed.\n");
      return;
    }
    const moment = edges.clock.now();
    await store.forget(person, moment);
    await compactAfter(store);
    edges.stdout.write(
      `${store.name}: removed ${found}. What happened before ${toUtcSeconds(moment)} stays out.\n`,
    );
  } finally {
    await store.close();
  }
  if ((await readdir(work).catch(() => [])).length > 0) {
    warn(edges, [
      `${work} has an export that was interrupted, with events of that person perhaps. The next sync goes on with it, keeps them out, and removes it.`,
    ]);
  }
}

/** @throws UsageError where nobody can be asked */
async function confirm(
  found: string,
  store: string,
  person: string,
  edges: Edges,
): Promise<boolean> {
  const { stdin, stdout } = edges;
  if (!stdin.isTTY || !stdout.isTTY) {
    throw new UsageError(`${found} Nothing was removed: nobody is there to be asked.`, {
      hint: `To remove them for good: sparky-events store forget ${shellWord(person)} --store ${shellWord(store)} --yes`,
    });
  }
  return await terminalPrompter(edges).confirm(`${found} Remove them for good?`);
}

async function compactAfter(store: EventStore): Promise<void> {
  try {
    await store.compact();
  } catch (error) {
    if (error instanceof SparkyEventsError) {
      error.hint = `The events are removed, but the files still hold what they left: run sparky-events store compact --store ${shellWord(store.name)}. ${error.hint ?? ""}`;
    }
    throw error;
  }
}

function describe({ events, oldest, newest }: Extent, person: string): string {
  const range =
    oldest === undefined || newest === undefined
      ? ""
      : `, from ${toUtcSeconds(oldest)} to ${toUtcSeconds(newest)}`;
  return `${countOf(events, "event")} of ${person}${range}`;
}

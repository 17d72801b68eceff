import { formatPath, parsePath } from "../../../csv/column-list.js";
import { UsageError } from "../../../errors.js";
import type { StoreAddress } from "../../../store/store-address.js";
import type { Edges } from "../../process/edges.js";
import { openWhenFree } from "../../settings/open-when-free.js";
import { workFolderOf } from "../../settings/store-place.js";

/** Makes an index of the metadata that a path leads to, or removes it. */
export async function changeIndex(
  address: StoreAddress,
  subject: string,
  remove: boolean,
  edges: Edges,
): Promise<void> {
  const path = parsePath(subject);
  if (path[0] !== "rcpt_meta" || path.length < 2) {
    throw new UsageError(`${JSON.stringify(subject)} is no place in rcpt_meta.`, {
      hint: "For example: sparky-events store index rcpt_meta.order_id",
    });
  }
  const store = await openWhenFree(address, workFolderOf(address, edges), edges, false);
  try {
    const changed = remove ? await store.removeIndex(path) : await store.addIndex(path);
    const name = `index of ${formatPath(path)}`;
    const [done, already] = remove
      ? [`the ${name} is removed`, `there is no ${name}`]
      : [`the ${name} is made`, `there is an ${name} already`];
    edges.stdout.write(`${store.name}: ${changed ? done : already}.\n`);
  } finally {
    await store.close();
  }
}

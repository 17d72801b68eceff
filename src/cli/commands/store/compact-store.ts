import { describeSize } from "../../../size.js";
import type { StoreAddress } from "../../../store/store-address.js";
import type { Edges } from "../../process/edges.js";
import { openWhenFree } from "../../settings/open-when-free.js";
import { workFolderOf } from "../../settings/store-place.js";

/** Gives back what space a store does not need. */
export async function compactStore(
  address: StoreAddress,
  format: "table" | "json",
  edges: Edges,
): Promise<void> {
  const store = await openWhenFree(address, workFolderOf(address, edges), edges, false);
  try {
    const { before, after } = await store.compact();
    edges.stdout.write(
      format === "json"
        ? `${JSON.stringify({ store: store.name, before, after }, undefined, 2)}\n`
        : `${store.name}: ${describeSize(before)} → ${describeSize(after)}\n`,
    );
  } finally {
    await store.close();
  }
}

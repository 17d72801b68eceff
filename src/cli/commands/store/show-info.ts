import { formatCount } from "../../../count.js";
import { formatPath } from "../../../csv/column-list.js";
import { describeSize } from "../../../size.js";
import type { StoreFacts, StoreInfo } from "../../../store/event-store.js";
import { openStore } from "../../../store/open-store.js";
import type { StoreAddress } from "../../../store/store-address.js";
import { toUtcSeconds } from "../../../time/iso.js";
import type { Edges } from "../../process/edges.js";

/** Shows what is in a store. */
export async function showInfo(
  address: StoreAddress,
  format: "table" | "json",
  edges: Edges,
): Promise<void> {
  const store = await openStore(address, { mode: "read", create: false });
  try {
    const [info, facts] = [await store.info(), await store.readFacts()];
    const show = format === "json" ? formatAsJson : formatAsTable;
    edges.stdout.write(show(store.name, info, facts));
  } finally {
    await store.close();
  }
}

function formatAsJson(name: string, info: StoreInfo, facts: StoreFacts): string {
  const { oldest, newest, indexes, ...sizes } = info;
  const { origin, subaccounts, since } = facts;
  return `${JSON.stringify(
    {
      store: name,
      ...sizes,
      oldest: timeOrNull(oldest),
      newest: timeOrNull(newest),
      origin: origin ?? null,
      subaccounts,
      since: timeOrNull(since),
      indexes: indexes.map(formatPath),
    },
    undefined,
    2,
  )}\n`;
}

function formatAsTable(name: string, info: StoreInfo, facts: StoreFacts): string {
  const { events, oldest, newest, bytesOnDisk, indexes } = info;
  const { origin, subaccounts, since } = facts;
  const perEvent = events > 0 ? `, ${Math.round(bytesOnDisk / events)} bytes per event` : "";
  const of = subaccounts.length > 0 ? `, subaccounts ${subaccounts.join(", ")}` : "";
  const lines: [string, string | undefined][] = [
    ["store", name],
    ["events", formatCount(events)],
    ["oldest", oldest === undefined ? undefined : toUtcSeconds(oldest)],
    ["newest", newest === undefined ? undefined : toUtcSeconds(newest)],
    ["size", `${describeSize(bytesOnDisk)}${perEvent}`],
    ["from", origin && `${origin}${of}`],
    ["synced since", since === undefined ? undefined : toUtcSeconds(since)],
    ["indexes", indexes.length > 0 ? indexes.map(formatPath).join(", ") : undefined],
    ["engine", `${info.engine}, schema ${info.schemaVersion}`],
  ];
  return lines
    .filter(([, value]) => value !== undefined)
    .map(([label, value]) => `${label.padEnd(14)}${value}\n`)
    .join("");
}

function timeOrNull(time: number | undefined): string | null {
  return time === undefined ? null : toUtcSeconds(time);
}

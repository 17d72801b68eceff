import { countOf } from "../../../count.js";
import { UsageError } from "../../../errors.js";
import { shellWord } from "../../../schedule/shell.js";
import { openStore } from "../../../store/open-store.js";
import { readArchiveStatus, type StatusOptions } from "../../../sync/archive-status.js";
import type { ArchiveStatus, PeriodStatus } from "../../../sync/period-status.js";
import { readStoreStatus } from "../../../sync/store-status.js";
import { toUtcSeconds } from "../../../time/iso.js";
import { unitLength } from "../../../time/units.js";
import { UnsoundArchiveError } from "../../failures/unsound-archive-error.js";
import { warn } from "../../log/messages.js";
import type { Edges } from "../../process/edges.js";
import { openSession } from "../../settings/session.js";
import { namedStore } from "../../settings/store-place.js";
import { defaultFolder } from "../shared-options.js";
import type { StatusGiven } from "./command.js";
import { formatAsTable } from "./status-table.js";

/** Shows what an archive holds, and what it lacks. Asks nobody, and needs no key. */
export async function runStatus(command: StatusGiven, edges: Edges): Promise<void> {
  const { settings, warnings } = await openSession(command, edges);
  warn(edges, warnings);
  const now = edges.clock.now();
  const { settle, keep } = settings.sync;
  const status = await readStatus(command, {
    now,
    settle,
    retention: settings.retention,
    keep: keep === undefined ? undefined : keep * unitLength.day,
  });
  const text = command.format === "json" ? formatAsJson(status) : formatAsTable(status, now, edges);
  edges.stdout.write(text);
  refuseUnsound(status);
}

/** @throws UsageError where options do not fit each other */
async function readStatus(
  { dir, store: address, verify = false }: StatusGiven,
  options: Omit<StatusOptions, "folder" | "verify">,
): Promise<ArchiveStatus> {
  if (address === undefined) {
    return readArchiveStatus({ ...options, folder: dir ?? defaultFolder, verify });
  }
  if (dir !== undefined || verify) {
    throw new UsageError(
      `${dir === undefined ? "--verify" : dir} is for a folder of files, --store for a database.`,
      { hint: `sparky-events status --store ${shellWord(address)}` },
    );
  }
  const store = await openStore(namedStore(address), { mode: "read", create: false });
  try {
    return await readStoreStatus(store, options);
  } finally {
    await store.close();
  }
}

const flaws: readonly [text: string, has: (period: PeriodStatus) => boolean][] = [
  ["changed", ({ state }) => state === "changed"],
  ["missing", ({ state, lost }) => state === "missing" && !lost],
  ["missing and in part lost for good", ({ state, lost }) => state === "missing" && lost],
  ["partial", ({ state }) => state === "partial"],
  ["lost for good", ({ state }) => state === "gap"],
];

/** @throws UnsoundArchiveError */
function refuseUnsound({ kind, name, generations }: ArchiveStatus): void {
  const unsound = generations.flatMap(({ periods }) => periods.filter(({ sound }) => !sound));
  const manifests = generations
    .filter(({ problem }) => problem !== undefined)
    .map((generation) => `the manifest of ${generation.name} is lost`);
  if (unsound.length === 0 && manifests.length === 0) {
    return;
  }
  const files = flaws.flatMap(([text, has]) => {
    const count = unsound.filter(has).length;
    return count > 0 ? [`${countOf(count, kind === "store" ? "day" : "file")} ${text}`] : [];
  });
  const changed = manifests.length > 0 || unsound.some(({ state }) => state === "changed");
  const lost = unsound.some((period) => period.lost);
  const sync = syncCommand(kind, name);
  const isGap = unsound.some(({ state }) => state === "gap");
  throw new UnsoundArchiveError(
    `${name}: ${[...files, ...manifests].join(", ")}.`,
    changed ? 5 : lost ? 6 : 4,
    lost
      ? `${sync} mends what SparkPost still has${isGap ? "; with --accept-gaps it reports what is lost no longer" : ""}.`
      : `${sync} mends that.`,
  );
}

/** As it is typed for this archive. */
function syncCommand(kind: ArchiveStatus["kind"], name: string): string {
  if (kind === "store") {
    return `sparky-events sync --to ${shellWord(name)}`;
  }
  return name === defaultFolder ? "sparky-events sync" : `sparky-events sync ${shellWord(name)}`;
}

function formatAsJson({ kind, name, generations, leaving }: ArchiveStatus): string {
  const sound = generations.every(
    ({ periods, problem }) => problem === undefined && periods.every((period) => period.sound),
  );
  return `${JSON.stringify(
    {
      [kind]: name,
      sound,
      leaving: leaving
        ? { name: leaving.name, from: toUtcSeconds(leaving.from), to: toUtcSeconds(leaving.to) }
        : null,
      generations: generations.map(({ name: place, problem, periods, ...generation }) => ({
        [kind]: place,
        ...generation,
        problem: problem ?? null,
        periods: periods.map(({ from, to, kept, bytes = 0, path = null, ...period }) => ({
          ...period,
          from: toUtcSeconds(from),
          to: toUtcSeconds(to),
          ...(kind === "folder" ? { bytes, path } : {}),
        })),
      })),
    },
    undefined,
    2,
  )}\n`;
}

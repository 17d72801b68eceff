import { countOf, formatCount } from "../../../count.js";
import { shellWord } from "../../../schedule/shell.js";
import { describeSize } from "../../../size.js";
import {
  type ArchiveStatus,
  type GenerationStatus,
  type PeriodState,
  type PeriodStatus,
  readArchiveStatus,
} from "../../../sync/archive-status.js";
import { formatDuration } from "../../../time/duration.js";
import { toUtcSeconds } from "../../../time/iso.js";
import { unitLength } from "../../../time/units.js";
import { UnsoundArchiveError } from "../../failures/unsound-archive-error.js";
import { warn } from "../../log/messages.js";
import type { Edges } from "../../process/edges.js";
import { openSession } from "../../settings/session.js";
import { createStyle, type Style, withoutMarks } from "../../terminal/style.js";
import { wrapFor } from "../../terminal/wrap.js";
import { defaultFolder } from "../shared-options.js";
import { straysMessage } from "../sync/notices.js";
import type { StatusGiven } from "./command.js";

/** Shows what an archive holds, and what it lacks. Asks nobody, and needs no key. */
export async function runStatus(command: StatusGiven, edges: Edges): Promise<void> {
  const { settings, warnings } = await openSession(command, edges);
  warn(edges, warnings);
  const now = edges.clock.now();
  const { settle, keep } = settings.sync;
  const status = await readArchiveStatus({
    folder: command.dir ?? defaultFolder,
    now,
    settle,
    retention: settings.retention,
    keep: keep === undefined ? undefined : keep * unitLength.day,
    verify: command.verify ?? false,
  });
  const text = command.format === "json" ? formatAsJson(status) : formatAsTable(status, now, edges);
  edges.stdout.write(text);
  refuseUnsound(status);
}

const flaws: readonly [text: string, has: (period: PeriodStatus) => boolean][] = [
  ["changed", ({ state }) => state === "changed"],
  ["missing", ({ state, lost }) => state === "missing" && !lost],
  ["missing and in part lost for good", ({ state, lost }) => state === "missing" && lost],
  ["partial", ({ state }) => state === "partial"],
  ["lost for good", ({ state }) => state === "gap"],
];

/** @throws UnsoundArchiveError */
function refuseUnsound({ folder, generations }: ArchiveStatus): void {
  const unsound = generations.flatMap(({ periods }) => periods.filter(({ sound }) => !sound));
  const manifests = generations
    .filter(({ problem }) => problem !== undefined)
    .map((generation) => `the manifest of ${generation.folder} is lost`);
  if (unsound.length === 0 && manifests.length === 0) {
    return;
  }
  const files = flaws.flatMap(([text, has]) => {
    const count = unsound.filter(has).length;
    return count > 0 ? [`${countOf(count, "file")} ${text}`] : [];
  });
  const changed = manifests.length > 0 || unsound.some(({ state }) => state === "changed");
  const lost = unsound.some((period) => period.lost);
  const sync = syncCommand(folder);
  const isGap = unsound.some(({ state }) => state === "gap");
  throw new UnsoundArchiveError(
    `${folder}: ${[...files, ...manifests].join(", ")}.`,
    changed ? 5 : lost ? 6 : 4,
    lost
      ? `${sync} mends what SparkPost still has${isGap ? "; with --accept-gaps it reports what is lost no longer" : ""}.`
      : `${sync} mends that.`,
  );
}

/** As it is typed for this folder. */
function syncCommand(folder: string): string {
  return folder === defaultFolder
    ? "sparky-events sync"
    : `sparky-events sync ${shellWord(folder)}`;
}

function formatAsJson({ folder, generations, leaving }: ArchiveStatus): string {
  const sound = generations.every(
    ({ periods, problem }) => problem === undefined && periods.every((period) => period.sound),
  );
  return `${JSON.stringify(
    {
      folder,
      sound,
      leaving: leaving
        ? { name: leaving.name, from: toUtcSeconds(leaving.from), to: toUtcSeconds(leaving.to) }
        : null,
      generations: generations.map(({ problem, periods, ...generation }) => ({
        ...generation,
        problem: problem ?? null,
        periods: periods.map(({ from, to, path, ...period }) => ({
          ...period,
          from: toUtcSeconds(from),
          to: toUtcSeconds(to),
          path: path ?? null,
        })),
      })),
    },
    undefined,
    2,
  )}\n`;
}

/** A line of the table: a day, or a month that is over and has nothing to tell. */
interface Line {
  readonly label: string;
  readonly state: PeriodState | "accepted";
  readonly note: string;
  readonly rows: number;
  readonly bytes: number;
  /** Rows of a typical day, for the bar. */
  readonly daily: number;
}

const widestBar = 20;
const narrowestBar = 4;

function formatAsTable({ generations, leaving }: ArchiveStatus, now: number, edges: Edges): string {
  const { stdout, env } = edges;
  const style = createStyle(stdout, env);
  const width = (stdout.isTTY && stdout.columns) || Number.POSITIVE_INFINITY;
  const parts = generations.map((generation) => formatGeneration(generation, now, width, style));
  const ending = leaving ? [`${style.yellow(leavingText(leaving, now))}\n`] : [];
  return wrapFor(stdout, [...parts, ...ending].join("\n"));
}

function leavingText(
  { name, from, to }: NonNullable<ArchiveStatus["leaving"]>,
  now: number,
): string {
  return from > now
    ? `${name} leaves SparkPost in ${formatDuration(from - now)}.`
    : `${name} is leaving SparkPost; the last of it goes in ${formatDuration(to - now)}.`;
}

function formatGeneration(
  { folder, zone, by, problem, periods, strays }: GenerationStatus,
  now: number,
  width: number,
  style: Style,
): string {
  const lines = linesOf(periods, now);
  const most = Math.max(1, ...lines.map(({ daily }) => daily));
  const cells = lines.map((line) => ({
    ...line,
    count: line.bytes > 0 ? formatCount(line.rows) : "",
    size: line.bytes > 0 ? describeSize(line.bytes) : "",
  }));
  const widths = {
    count: Math.max(4, ...cells.map(({ count }) => count.length)),
    size: Math.max(4, ...cells.map(({ size }) => size.length)),
  };
  // What comes first is what there has to be room for.
  const left = 14 + 2 + 8 + 2 + widths.count;
  const hasSizes = left + 2 + widths.size <= width;
  const barWidth = Math.min(widestBar, width - left - 2 - widths.size - 2);
  const hasBars = barWidth >= narrowestBar;
  const rows = cells.flatMap(({ label, state, note, count, size, daily }) => {
    const start = [
      label.padEnd(14),
      paint(state, style)(state.padEnd(8)),
      count.padStart(widths.count),
      ...(hasSizes ? [size.padStart(widths.size)] : []),
    ].join("  ");
    const bar = hasBars ? "█".repeat(Math.ceil((barWidth * daily) / most)) : "";
    const row = `${start}  ${bar}`.trimEnd();
    const beside = `${start}  ${bar}${note && `  ${note}`}`.trimEnd();
    return note === "" || withoutMarks(beside).length <= width ? [beside] : [row, `  ${note}`];
  });
  const total = {
    rows: periods.reduce((sum, period) => sum + period.rows, 0),
    bytes: periods.reduce((sum, period) => sum + period.bytes, 0),
  };
  return [
    style.bold(`${folder}, days in ${zone}, a file per ${by}`),
    ...(problem === undefined
      ? []
      : [
          style.red(
            `The manifest is ${problem === "absent" ? "lost" : `damaged: ${problem}`}; this is its copy.`,
          ),
        ]),
    style.dim(
      `${"".padEnd(26)}${"rows".padStart(widths.count)}${hasSizes ? `  ${"size".padStart(widths.size)}` : ""}`,
    ),
    ...rows,
    style.dim(`${countOf(total.rows, "event")}, ${describeSize(total.bytes)}`),
    ...(strays.length > 0 ? [straysMessage(strays)] : []),
    "",
  ].join("\n");
}

function paint(state: Line["state"], style: Style): (text: string) => string {
  const colors = {
    complete: style.green,
    partial: style.yellow,
    changed: style.red,
    missing: style.red,
    gap: style.red,
    accepted: style.dim,
  };
  return colors[state];
}

/** Newer days are shown one by one. */
const shownDays = 31 * unitLength.day;

function linesOf(periods: readonly PeriodStatus[], now: number): Line[] {
  const days = groupBy(periods, ({ name }) => name.slice(0, "2026-11-19".length));
  const dayLines = [...days].map(([day, group]) => ({
    line: lineOf(`${day} ${weekday(day)}`, group),
    isOld: (group.at(-1)?.to ?? 0) < now - shownDays,
    month: day.slice(0, "2026-11".length),
    group,
  }));
  const months = groupBy(dayLines, ({ month }) => month);
  return [...months].flatMap(([month, lines]) =>
    lines.every(({ line, isOld }) => isOld && line.state === "complete")
      ? [
          monthLine(
            month,
            lines.map(({ line }) => line),
          ),
        ]
      : lines.map(({ line }) => line),
  );
}

function lineOf(label: string, periods: readonly PeriodStatus[]): Line {
  const states = periods.map(({ state, sound }) =>
    sound && (state === "gap" || state === "changed") ? "accepted" : state,
  );
  const worst =
    (["changed", "gap", "missing", "accepted", "partial"] as const).find((state) =>
      states.includes(state),
    ) ?? "complete";
  const rows = periods.reduce((sum, period) => sum + period.rows, 0);
  const whole = states.filter((state) => state === "complete").length;
  return {
    label,
    state: worst,
    note:
      periods.length > 1 && whole < periods.length ? `${whole} of ${periods.length} complete` : "",
    rows,
    bytes: periods.reduce((sum, period) => sum + period.bytes, 0),
    daily: rows,
  };
}

function monthLine(month: string, days: readonly Line[]): Line {
  const rows = days.reduce((sum, day) => sum + day.rows, 0);
  return {
    label: month,
    state: "complete",
    note: countOf(days.length, "day"),
    rows,
    bytes: days.reduce((sum, day) => sum + day.bytes, 0),
    daily: rows / days.length,
  };
}

function weekday(day: string): string {
  return new Date(day).toLocaleDateString("en-US", { weekday: "short", timeZone: "UTC" });
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}

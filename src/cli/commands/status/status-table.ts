import { countOf, formatCount } from "../../../count.js";
import { describeSize } from "../../../size.js";
import type {
  ArchiveStatus,
  GenerationStatus,
  PeriodState,
  PeriodStatus,
} from "../../../sync/period-status.js";
import { formatDuration } from "../../../time/duration.js";
import { unitLength } from "../../../time/units.js";
import type { Edges } from "../../process/edges.js";
import { createStyle, type Style, withoutMarks } from "../../terminal/style.js";
import { wrapFor } from "../../terminal/wrap.js";
import { straysMessage } from "../sync/notices.js";

/** A line of the table: a day, or a month that is over and has nothing to tell. */
interface Line {
  readonly label: string;
  readonly state: PeriodState | "accepted";
  readonly note: string;
  readonly kept: boolean;
  readonly rows: number;
  /** 0 where there are no files. */
  readonly bytes: number;
  /** Rows of a typical day, for the bar. */
  readonly daily: number;
}

const widestBar = 20;
const narrowestBar = 4;

export function formatAsTable(
  { kind, generations, leaving }: ArchiveStatus,
  now: number,
  edges: Edges,
): string {
  const { stdout, env } = edges;
  const style = createStyle(stdout, env);
  const width = (stdout.isTTY && stdout.columns) || Number.POSITIVE_INFINITY;
  const parts = generations.map((generation) =>
    formatGeneration(generation, kind, now, width, style),
  );
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
  { name, zone, by, problem, periods, strays }: GenerationStatus,
  kind: ArchiveStatus["kind"],
  now: number,
  width: number,
  style: Style,
): string {
  const lines = linesOf(periods, now);
  const most = Math.max(1, ...lines.map(({ daily }) => daily));
  const cells = lines.map((line) => ({
    ...line,
    count: line.kept ? formatCount(line.rows) : "",
    size: line.bytes > 0 ? describeSize(line.bytes) : "",
  }));
  const widths = {
    count: Math.max(4, ...cells.map(({ count }) => count.length)),
    size: Math.max(4, ...cells.map(({ size }) => size.length)),
  };
  // What comes first is what there has to be room for.
  const left = 14 + 2 + 8 + 2 + widths.count;
  const hasSizes = kind === "folder" && left + 2 + widths.size <= width;
  const sizeWidth = kind === "folder" ? 2 + widths.size : 0;
  const barWidth = Math.min(widestBar, width - left - sizeWidth - 2);
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
  const total = countOf(
    periods.reduce((sum, period) => sum + period.rows, 0),
    "event",
  );
  return [
    style.bold(`${name}, days in ${zone}${kind === "folder" ? `, a file per ${by}` : ""}`),
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
    style.dim(kind === "folder" ? `${total}, ${describeSize(sizeOf(periods))}` : total),
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
    kept: periods.some(({ kept }) => kept),
    rows,
    bytes: sizeOf(periods),
    daily: rows,
  };
}

function monthLine(month: string, days: readonly Line[]): Line {
  const rows = days.reduce((sum, day) => sum + day.rows, 0);
  return {
    label: month,
    state: "complete",
    note: countOf(days.length, "day"),
    kept: true,
    rows,
    bytes: sizeOf(days),
    daily: rows / days.length,
  };
}

function sizeOf(items: readonly { readonly bytes: number | undefined }[]): number {
  return items.reduce((sum, { bytes = 0 }) => sum + bytes, 0);
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

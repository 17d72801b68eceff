import type { Zone } from "luxon";
import { countOf, formatCount } from "../../../count.js";
import type { ExportResult } from "../../../export/export-options.js";
import { describePaths } from "../../../output/numbered-path.js";
import { describeSize } from "../../../size.js";
import { formatDuration } from "../../../time/duration.js";
import { describeSpan } from "../../../time/iso.js";
import type { Style } from "../../terminal/style.js";
import { cellWidth, cut, onOneLine, pad } from "../../terminal/table.js";

const mostTypes = 5;
const widestType = 40;

/** What was exported, in a few words. */
export function headlineOf(
  { events, path, paths, bytes, workbook }: ExportResult,
  { bold }: Pick<Style, "bold">,
): string {
  const where = path === undefined ? "standard output" : describePaths(paths);
  const sheets = (workbook?.sheets ?? 1) > 1 ? [`${workbook?.sheets} sheets`] : [];
  return `${bold(countOf(events, "event"))} in ${where} (${[...sheets, describeSize(bytes)].join(", ")})`;
}

/**
 * What was exported, in a few lines.
 *
 * @param verbose whether all event types are shown, rather than those with the most events
 * @param zone of times
 */
export function summaryOf(
  result: ExportResult,
  style: Style,
  { verbose, zone }: { readonly verbose: boolean; readonly zone: Zone },
): string {
  const work = [
    formatDuration(result.duration),
    countOf(result.requests, "request"),
    ...(result.retries > 0
      ? [
          `${countOf(result.retries, "retry", "retries")} after waiting ${formatDuration(result.waited)}`,
        ]
      : []),
    ...rateOf(result),
  ];
  const lines = [
    `${style.green("✔")} ${headlineOf(result, style)}`,
    ...missing(result, style, zone),
    `  ${work.join(", ")}`,
    ...(result.resumed > 0
      ? [`  ${formatCount(result.resumed)} of them had arrived before this run`]
      : []),
  ];
  const types = [...result.eventsByType].sort(
    ([typeA, countA], [typeB, countB]) => countB - countA || (typeA < typeB ? -1 : 1),
  );
  const shown = types
    .slice(0, verbose ? types.length : mostTypes)
    .map(([type, count]) => [cut(onOneLine(type), widestType), count] as const);
  const width = Math.max(...shown.map(([type]) => cellWidth(type)));
  for (const [type, count] of shown) {
    lines.push(`  ${pad(type, width)}  ${formatCount(count)}`);
  }
  if (types.length > shown.length) {
    const more = countOf(types.length - shown.length, "more type");
    lines.push(style.dim(`  and ${more} (--verbose shows them)`));
  }
  return lines.join("\n");
}

/** Of this run, where it was long enough to tell. */
function rateOf({ events, resumed, duration }: ExportResult): string[] {
  const arrived = events - resumed;
  return duration < 1_000 || arrived === 0
    ? []
    : [`${formatCount(Math.round((arrived / duration) * 1_000))} events/s`];
}

function missing({ expired, events }: ExportResult, { yellow }: Style, zone: Zone): string[] {
  if (!expired) {
    return [];
  }
  const span = describeSpan(expired, zone);
  return [
    events === 0
      ? `${yellow("!")} Nothing but the header: SparkPost no longer has ${span}`
      : `${yellow("!")} Missing, since SparkPost no longer has it: ${span}`,
  ];
}

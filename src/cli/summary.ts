import type { Zone } from "luxon";
import type { ExportResult } from "../export/export-events.js";
import { describePaths } from "../export/numbered-path.js";
import { formatDuration } from "../time/duration.js";
import { describeSpan } from "../time/iso.js";
import { countOf, formatBytes, formatCount } from "./format.js";
import type { Style } from "./style.js";
import { cellWidth, cut, onOneLine, pad } from "./table.js";

const mostTypes = 5;
const widestType = 40;

/** What was exported, in a few lines, with times in `zone`. */
export function summaryOf(result: ExportResult, style: Style, zone: Zone): string {
  const where = result.path === undefined ? "standard output" : describePaths(result.paths);
  const work = [
    formatDuration(result.duration),
    countOf(result.requests, "request"),
    ...(result.retries > 0
      ? [
          `${countOf(result.retries, "retry", "retries")} after waiting ${formatDuration(result.waited)}`,
        ]
      : []),
  ];
  const lines = [
    `${style.green("✔")} ${style.bold(countOf(result.events, "event"))} in ${where} (${formatBytes(result.bytes)})`,
    ...missing(result, style, zone),
    `  ${work.join(", ")}`,
  ];
  const types = [...result.eventsByType].sort(
    ([typeA, countA], [typeB, countB]) => countB - countA || (typeA < typeB ? -1 : 1),
  );
  const shown = types
    .slice(0, mostTypes)
    .map(([type, count]) => [cut(onOneLine(type), widestType), count] as const);
  const width = Math.max(...shown.map(([type]) => cellWidth(type)));
  for (const [type, count] of shown) {
    lines.push(`  ${pad(type, width)}  ${formatCount(count)}`);
  }
  if (types.length > mostTypes) {
    lines.push(style.dim(`  and ${countOf(types.length - mostTypes, "more type")}`));
  }
  return `${lines.join("\n")}\n`;
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

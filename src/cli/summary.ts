import type { ExportResult } from "../export/export-events.js";
import { describePaths } from "../export/numbered-path.js";
import { formatDuration } from "../time/duration.js";
import { countOf, formatBytes, formatCount } from "./format.js";
import type { Style } from "./style.js";
import { cellWidth, cut, onOneLine, pad } from "./table.js";

const mostTypes = 5;
const widestType = 40;

/**
 * What was exported, in a few lines.
 *
 * @param verbose whether all event types are shown, rather than those with the most events
 */
export function summaryOf(result: ExportResult, style: Style, verbose: boolean): string {
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
    `  ${work.join(", ")}`,
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
  return `${lines.join("\n")}\n`;
}

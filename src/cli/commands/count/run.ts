import { stringify } from "csv-stringify/sync";
import { nameOf } from "../../../api/client.js";
import { type CountsByType, countByType } from "../../../api/count-by-type.js";
import { completeSearch, granularityOf, type Search } from "../../../api/search.js";
import { eventTypes } from "../../../catalog/event-catalog.js";
import type { Settings } from "../../../config/settings.js";
import { countOf, formatCount } from "../../../count.js";
import { toUtcSeconds } from "../../../time/iso.js";
import { parseTimeRange } from "../../../time/time-range.js";
import { missingFromCount, withStart } from "../../advice/expired-range.js";
import { whyEmpty } from "../../advice/why-empty.js";
import { refuseMoreTimes } from "../../failures/command-line-errors.js";
import { note, warn } from "../../log/messages.js";
import { refuseAbsentOutput } from "../../process/absent-output.js";
import type { Edges } from "../../process/edges.js";
import { ProgressLines } from "../../progress/progress-lines.js";
import { chooseSource } from "../../settings/choose-source.js";
import type { EventSource } from "../../settings/event-source.js";
import { withoutSecrets } from "../../settings/secrets.js";
import { openSession, type Session, type SessionCommand } from "../../settings/session.js";
import { readWhere } from "../../settings/where.js";
import { createStyle } from "../../terminal/style.js";
import { cellWidth, cut, onOneLine, pad } from "../../terminal/table.js";
import { wrapFor } from "../../terminal/wrap.js";
import type { ListingFormat } from "../shared-options.js";
import type { CountGiven } from "./command.js";

/** What is asked for; the demo asks without an ini file. */
type CountCommand = Omit<CountGiven, "config"> & SessionCommand;

/** Shows how many events a range has, by event type; asks for their number, and fetches none. */
export async function runCount(command: CountCommand, edges: Edges): Promise<void> {
  refuseMoreTimes(command.words);
  refuseAbsentOutput();
  const source = chooseSource(command.store, await openSession(command, edges), edges);
  try {
    await countFrom(source, command, edges);
  } finally {
    await source.close();
  }
}

async function countFrom(source: EventSource, command: CountCommand, edges: Edges): Promise<void> {
  const { quiet = false, verbose = false } = command;
  const rangeFor = ({ settings }: Session) =>
    parseTimeRange(command.from, command.to, {
      zone: settings.zone,
      now: edges.clock.now(),
      granularity: granularityOf(settings.api),
      retention: settings.retention,
    });
  const usual = rangeFor(source.session);
  const session = await source.sessionFor(usual);
  const { settings } = session;
  const range = rangeFor(session);
  const { from, to } = range;
  const metadata = readWhere(command.where, settings.origin);
  const search = { ...settings, metadata, from, to };
  const missing = missingOf(command, search, settings, edges);
  if (!quiet) {
    warn(edges, [...session.warnings, ...range.warnings, ...missing]);
    note(edges, range.notes);
  }
  const lines = new ProgressLines(
    ({ message }) => edges.stderr.write(`${withoutSecrets(message, edges)}\n`),
    edges.clock,
    verbose,
  );
  const connection = await source.connect();
  const lacks = await source.warnOf({ from, to });
  if (!quiet) {
    warn(edges, lacks);
  }
  const counts = await countByType(
    {
      ...connection,
      ...(quiet
        ? {}
        : { onWait: (wait) => lines.wait(wait), onAnswer: (answer) => lines.answer(answer) }),
    },
    search,
    settings.events.length > 0 ? settings.events : eventTypes.map(({ type }) => type),
  );
  const table = { from: toUtcSeconds(from), to: toUtcSeconds(to), ...tabulate(counts) };
  edges.stdout.writeExact(formats[command.format ?? "table"](table, edges));
  if (!quiet) {
    explainDifference(table.difference, settings.events.length > 0, nameOf(connection), edges);
    if (counts.total === 0) {
      note(edges, await whyEmpty(connection, search, session.sources));
    }
  }
}

function missingOf(
  command: CountCommand,
  search: Search,
  settings: Settings,
  edges: Edges,
): string[] {
  try {
    return missingFromCount(completeSearch(search), settings, edges.clock.now());
  } catch (error) {
    throw withStart(error, command, Number(search.to), settings);
  }
}

interface CountTable {
  readonly from: string;
  readonly to: string;
  readonly total: number;
  /** What the total has beyond the types; negative where they have more. */
  readonly difference: number;
  readonly rows: readonly CountRow[];
}

interface CountRow {
  readonly type: string;
  readonly events: number;
  /** Of the total, from 0 to 1. */
  readonly share: number;
}

function tabulate({
  types,
  total,
}: CountsByType): Pick<CountTable, "total" | "difference" | "rows"> {
  const difference = [...types.values()].reduce((left, events) => left - events, total);
  const sorted = [...types].sort(
    ([typeA, countA], [typeB, countB]) => countB - countA || (typeA < typeB ? -1 : 1),
  );
  const rows = [...sorted, ...(difference > 0 ? [["(other types)", difference] as const] : [])];
  return {
    total,
    difference,
    rows: rows.map(([type, events]) => ({
      type,
      events,
      share: total === 0 ? 0 : Number((events / total).toFixed(4)),
    })),
  };
}

const formats: Record<ListingFormat, (table: CountTable, edges: Edges) => string> = {
  table: formatAsTable,
  csv: ({ rows }) =>
    stringify(
      rows.map(({ ...row }) => row),
      { header: true, columns: ["type", "events", "share"] },
    ),
  json: ({ from, to, total, rows }) =>
    `${JSON.stringify({ from, to, events: total, types: rows }, undefined, 2)}\n`,
};

const widestType = 40;
const gap = "  ";

function formatAsTable({ from, to, total, rows }: CountTable, { stdout, env }: Edges): string {
  const records = [
    ["type", "events", "share"],
    ...rows.map(({ type, events }) => [
      cut(onOneLine(type), widestType),
      formatCount(events),
      formatShare(events, total),
    ]),
    ["total", formatCount(total), formatShare(total, total)],
  ];
  const widths = [0, 1, 2].map((column) =>
    Math.max(...records.map((record) => cellWidth(record[column] ?? ""))),
  );
  const { bold } = createStyle(stdout, env);
  const lines = records.map(([type = "", ...numbers], index) => {
    const cells = numbers.map((number, column) => number.padStart(widths[column + 1] ?? 0));
    const line = [pad(type, widths[0] ?? 0), ...cells].join(gap);
    return index === 0 || index === records.length - 1 ? bold(line) : line;
  });
  return `${wrapFor(stdout, `${from} to ${to} (end excluded)`)}\n${lines.join("\n")}\n`;
}

function formatShare(events: number, total: number): string {
  const percent = total === 0 ? 0 : (100 * events) / total;
  return events > 0 && percent < 0.05 ? "<0.1%" : `${percent.toFixed(1)}%`;
}

function explainDifference(
  difference: number,
  wereNamed: boolean,
  name: string,
  edges: Edges,
): void {
  if (difference < 0) {
    warn(edges, [
      `The types have ${countOf(-difference, "event")} more than ${name} counts in all. Events may have come in during the count; run it again.`,
    ]);
  } else if (difference > 0) {
    const verb = difference === 1 ? "is of a type" : "are of types";
    note(edges, [
      wereNamed
        ? `${countOf(difference, "event")} came in during the count; run it again.`
        : `${countOf(difference, "event")} ${verb} that the built-in catalog does not have, or came in during the count. sparky-events types --live lists what SparkPost documents.`,
    ]);
  }
}

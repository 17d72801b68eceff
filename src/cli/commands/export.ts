import { createWriteStream } from "node:fs";
import { Socket } from "node:net";
import type { Writable } from "node:stream";
import type { Zone } from "luxon";
import type { Connection } from "../../api/client.js";
import { cutSearch } from "../../api/cut-search.js";
import { isSparkPost } from "../../api/origin.js";
import { type CompleteSearch, granularityOf, type Search } from "../../api/search.js";
import { countEach } from "../../api/search-events.js";
import type { Settings } from "../../config/settings.js";
import { ExpiredRangeError, SparkyEventsError, UsageError } from "../../errors.js";
import { AuditError } from "../../export/audit.js";
import { type ExportResult, exportEvents } from "../../export/export-events.js";
import { refuseExpired } from "../../export/refuse-expired.js";
import { interruptedRange } from "../../export/restore-export.js";
import { describeSpan, toUtcSeconds } from "../../time/iso.js";
import { wholeUnitFrom } from "../../time/local-time.js";
import { expiredPart, writeRetention } from "../../time/retention.js";
import { parseTimeRange, type TimeRange } from "../../time/time-range.js";
import { refuseAbsentOutput } from "../absent-output.js";
import type { Edges } from "../edges.js";
import { countOf, formatCount } from "../format.js";
import { note, warn } from "../messages.js";
import { type ProgressDisplay, silentProgress } from "../progress.js";
import { ProgressBar } from "../progress-bar.js";
import { ProgressLines } from "../progress-lines.js";
import { withoutSecrets } from "../secrets.js";
import { connect, openSession } from "../session.js";
import { createStyle } from "../style.js";
import { summaryOf } from "../summary.js";

export interface ExportCommand {
  readonly from: string;
  readonly to: string | undefined;
  readonly out?: string | undefined;
  /** Path of the ini file, or false to read none. */
  readonly config?: string | false | undefined;
  readonly resume?: boolean | undefined;
  readonly force?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly verbose?: boolean | undefined;
  /** Values of the options that are settings, by option name. */
  readonly options: Readonly<Record<string, string | undefined>>;
}

export async function runExport(command: ExportCommand, edges: Edges): Promise<void> {
  refuseOtherFormats(command.out ?? "");
  if (command.out === "-" || command.dryRun) {
    refuseAbsentOutput();
  }
  const session = await openSession(command, edges);
  const { settings } = session;
  const report = new Report(edges, command.quiet ?? false);
  report.warn(session.warnings);

  const range = parseTimeRange(command.from, command.to, {
    zone: settings.zone,
    now: edges.clock.now(),
    granularity: granularityOf(settings.api),
    retention: settings.retention,
  });
  report.warn(range.warnings);
  report.note(range.notes);

  const connection = connect(session, edges);
  const ends = (await keptRange(command, report)) ?? range;
  const search = { ...settings, from: ends.from, to: ends.to };
  const parts = cutSearch(search, settings.origin);
  if (parts.length > 1) {
    report.note([`The filters are too long for one search; ${parts.length} are made of it.`]);
  }
  try {
    if (command.dryRun) {
      report.warn(missingFromCount(search, settings, edges));
      await printCount(connection, search, parts, edges);
    } else {
      report.finished(
        await exportWithProgress(command, connection, search, settings, range, edges),
        settings.zone,
      );
    }
  } catch (error) {
    throw error instanceof ExpiredRangeError ? withStart(error, command, search, settings) : error;
  }
}

/** @throws ExpiredRangeError as an export would */
function missingFromCount(search: CompleteSearch, settings: Settings, edges: Edges): string[] {
  const { retention, allowExpired } = settings;
  const now = edges.clock.now();
  if (!allowExpired) {
    refuseExpired(search, { now, retention });
  }
  const expired = expiredPart(search, { now, retention, granularity: granularityOf(search.api) });
  return expired
    ? [`Not counted is what SparkPost no longer has: ${describeSpan(expired, search.zone)}.`]
    : [];
}

/** The error, with what can be written instead. */
function withStart(
  error: ExpiredRangeError,
  command: ExportCommand,
  { to, zone }: CompleteSearch,
  { retention, origin }: Settings,
): ExpiredRangeError {
  const start = startAfter(error.keptFrom, to, zone);
  const end = (command.to ?? command.from).trim().replace(" ", "T");
  const most = writeRetention(retention);
  const ways =
    error.keptFrom < to
      ? [
          `Write ${start ? `${start} ${end}, or ` : ""}${most} ${end}: ${most} means as far back as there are events.`,
          "To export what is left of the range as it is written, add --allow-expired.",
        ]
      : [`Nothing of it can be had. For all that is there, write ${most} now.`];
  const longer = "If this host keeps events longer, say so with --retention.";
  error.hint = [...ways, ...(isSparkPost(origin) ? [] : [longer])].join(" ");
  return error;
}

/** The first whole hour from an instant on, as a range that ends at `to` can begin with it, or minute. */
function startAfter(instant: number, to: number, zone: Zone): string | undefined {
  const hour = wholeUnitFrom(instant, "hour", zone);
  if (hour.start < to) {
    return new Date(hour.local).toISOString().slice(0, "2026-11-19T08".length);
  }
  const minute = wholeUnitFrom(instant, "minute", zone);
  return minute.start < to
    ? new Date(minute.local).toISOString().slice(0, "2026-11-19T08:30".length)
    : undefined;
}

/** Whatever its name, the file is CSV, and programs that go by the name would not open it. */
function refuseOtherFormats(out: string): void {
  const [ending] = /\.(xlsx?|ods|numbers|zip|bz2|xz|zst|7z)$/i.exec(out) ?? [];
  if (ending !== undefined) {
    const name = out.slice(0, -ending.length).replace(/\.csv$/i, "");
    throw new UsageError(`--out: ${out} would not be a ${ending} file; this tool writes CSV.`, {
      hint: `Write ${name}.csv, which spreadsheets open, or ${name}.csv.gz.`,
    });
  }
}

/** Times such as `now` have moved on since the interruption; what counts is what they meant then. */
async function keptRange({ resume, from, to, out }: ExportCommand, report: Report) {
  if (!resume || out === undefined || out === "-" || !(isRelative(from) || isRelative(to))) {
    return undefined;
  }
  const range = await interruptedRange(out);
  if (range) {
    report.note([
      `Going on with the interrupted export of ${toUtcSeconds(range.from)} to ${toUtcSeconds(range.to)}.`,
    ]);
  }
  return range;
}

function isRelative(time: string | undefined): boolean {
  return time !== undefined && !/^\s*\d{4}-/.test(time);
}

async function exportWithProgress(
  command: ExportCommand,
  connection: Connection,
  search: Search,
  settings: Settings,
  range: TimeRange,
  edges: Edges,
): Promise<ExportResult> {
  const display = createDisplay(command, edges);
  const out = command.out ?? `sparkpost-events_${range.fromName}_${range.toName}.csv`;
  let kept: string | undefined;
  try {
    return await exportEvents({
      connection: {
        ...connection,
        onWait: (wait) => display.wait(wait),
        onAnswer: (answer) => display.answer(answer),
      },
      search,
      columns: settings.columns,
      format: settings.format,
      splitRows: splitRowsOf(settings, out),
      output: out === "-" ? standardOutput(edges.stdout.stream) : out,
      allowExpired: settings.allowExpired,
      retention: settings.retention,
      resume: command.resume,
      force: command.force,
      onStart: () => display.start(),
      onProgress: (progress) => display.progress(progress),
      onKept: (folder) => {
        kept = folder;
      },
    });
  } catch (error) {
    throw kept === undefined ? error : withResumeHint(error, kept, command, out);
  } finally {
    display.stop();
  }
}

/** A sheet has 1,048,576 rows, one of which is the header. */
const sheetRows = 1_048_575;

/** What is said explicitly wins over what `excel` stands for, which does not concern a pipe. */
function splitRowsOf({ splitRows, excel }: Settings, out: string): number | undefined {
  return (splitRows ?? (excel && out !== "-" ? sheetRows : 0)) || undefined;
}

/** The error, with the way on added to what it says already. */
function withResumeHint(
  error: unknown,
  folder: string,
  command: ExportCommand,
  out: string,
): unknown {
  // What did not pass the audit is nothing to go on from.
  if (error instanceof SparkyEventsError && !(error instanceof AuditError)) {
    const name =
      command.out === undefined && (isRelative(command.from) || isRelative(command.to))
        ? ` --out ${out}`
        : "";
    const way = `What arrived is kept in ${folder}; the same command with --resume${name} goes on from there.`;
    error.hint = error.hint ? `${error.hint}\n${way}` : way;
  }
  return error;
}

async function printCount(
  connection: Connection,
  search: CompleteSearch,
  parts: readonly Search[],
  edges: Edges,
): Promise<void> {
  const counts = await countEach(connection, parts);
  const count = sumOf(counts);
  const requests = sumOf(counts.map((part) => Math.max(1, Math.ceil(part / search.perPage))));
  edges.stdout.write(
    `${toUtcSeconds(search.from)} to ${toUtcSeconds(search.to)} (end excluded)\n` +
      `${countOf(count, "event")}, ${countOf(requests, "request")}\n`,
  );
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function createDisplay(command: ExportCommand, edges: Edges): ProgressDisplay {
  const { stdout, stderr, clock, env } = edges;
  // A bar in the midst of the records would be no help to anybody.
  if (command.quiet || (command.out === "-" && stdout.isTTY)) {
    return silentProgress;
  }
  // The lines of --verbose would tear a bar apart.
  return stderr.isTTY && env.TERM !== "dumb" && !command.verbose
    ? new ProgressBar(stderr, clock)
    : new ProgressLines(
        (line) => stderr.write(`${withoutSecrets(line, edges)}\n`),
        clock,
        command.verbose ?? false,
      );
}

/**
 * Where standard output is a file, Node writes to it with single calls and overlooks that the last
 * one may have written only a part, as on a disk that is just full.
 */
function standardOutput(stdout: NodeJS.WriteStream): Writable {
  return stdout instanceof Socket ? stdout : createWriteStream("", { fd: 1, autoClose: false });
}

/** Messages about a run, on standard error. */
class Report {
  readonly #edges: Edges;
  readonly #quiet: boolean;

  constructor(edges: Edges, quiet: boolean) {
    this.#edges = edges;
    this.#quiet = quiet;
  }

  warn(messages: readonly string[]): void {
    if (!this.#quiet) {
      warn(this.#edges, messages);
    }
  }

  note(messages: readonly string[]): void {
    if (!this.#quiet) {
      note(this.#edges, messages);
    }
  }

  finished(result: ExportResult, zone: Zone): void {
    const difference = result.totalCount - result.events;
    if (difference > 0) {
      this.note([
        `${countOf(difference, "event")} came in while the export ran; a later export of the same range has them.`,
      ]);
    } else if (difference < 0) {
      // Said even where only errors are wanted: the file is not what it should be.
      warn(this.#edges, [
        `${countOf(-difference, "event")} more arrived than SparkPost counted (${formatCount(result.totalCount)}); some may be in the file twice.`,
      ]);
    }
    if (result.doubled > 0) {
      warn(this.#edges, [
        `SparkPost sent ${countOf(result.doubled, "event")} twice, where two pages meet${difference < 0 ? "" : ", and counts them twice too"}; they are in the file twice.`,
      ]);
    }
    this.note(result.removed.map((path) => `${path}, of an earlier export, was removed.`));
    if (!this.#quiet) {
      const { stderr, env } = this.#edges;
      stderr.write(withoutSecrets(summaryOf(result, createStyle(stderr, env), zone), this.#edges));
    }
  }
}

import { createWriteStream } from "node:fs";
import { Socket } from "node:net";
import type { Writable } from "node:stream";
import type { Zone } from "luxon";
import type { Connection } from "../../../api/client.js";
import { cutSearch } from "../../../api/cut-search.js";
import { type CompleteSearch, granularityOf, type Search } from "../../../api/search.js";
import { countEach } from "../../../api/search-events.js";
import { resolveLogFormat } from "../../../config/log-format.js";
import { mainSettings } from "../../../config/setting-names.js";
import type { Settings } from "../../../config/settings.js";
import { SparkyEventsError, UsageError } from "../../../errors.js";
import { type ExportResult, exportEvents } from "../../../export/export-events.js";
import { isWorkbook, refuseOtherFormats } from "../../../output/output-format.js";
import { AuditError } from "../../../partial/audit.js";
import { interruptedRange } from "../../../partial/restore-export.js";
import { toUtcSeconds } from "../../../time/iso.js";
import { parseTimeRange, type TimeRange } from "../../../time/time-range.js";
import { missingFromCount, withStart } from "../../advice/expired-range.js";
import { withLastChance } from "../../advice/last-chance.js";
import { whyEmpty } from "../../advice/why-empty.js";
import { asFailure } from "../../failures/as-failure.js";
import { refuseMoreTimes } from "../../failures/command-line-errors.js";
import { countOf, formatCount } from "../../format.js";
import { RunLog } from "../../log/run-log.js";
import { refuseAbsentOutput } from "../../process/absent-output.js";
import type { Edges } from "../../process/edges.js";
import { ProgressBar } from "../../progress/progress-bar.js";
import { type ProgressDisplay, silentProgress } from "../../progress/progress-display.js";
import { ProgressLines } from "../../progress/progress-lines.js";
import {
  connect,
  type ReadSources,
  readSources,
  type SessionCommand,
  sessionFrom,
} from "../../settings/session.js";
import { createStyle } from "../../terminal/style.js";
import { wrapFor } from "../../terminal/wrap.js";
import type { ExportGiven } from "./command.js";
import { headlineOf, summaryOf } from "./summary.js";

/** What an export is asked for with; the demo asks for one without an ini file. */
export type ExportCommand = Omit<ExportGiven, "config"> & SessionCommand;

export async function runExport(command: ExportCommand, edges: Edges): Promise<void> {
  refuseMoreTimes(command.words);
  const read = await readSources(command, edges);
  const log = new RunLog(edges, {
    format: resolveLogFormat(read.sources),
    quiet: command.quiet ?? false,
    verbose: command.verbose ?? false,
    timed: false,
  });
  try {
    refuseOtherFormats(command.out ?? "");
    refuseCsvOptions(command);
    if (command.out === "-" || command.dryRun) {
      refuseAbsentOutput();
    }
    await exportAndReport(command, read, log, edges);
  } catch (error) {
    throw log.fail(asFailure(error));
  }
}

async function exportAndReport(
  command: ExportCommand,
  read: ReadSources,
  log: RunLog,
  edges: Edges,
): Promise<void> {
  const session = sessionFrom(read);
  const { settings } = session;
  const report = new Report(edges, log, command.verbose ?? false);
  report.warn(session.warnings);

  const now = edges.clock.now();
  const rangeAt = (moment: number) =>
    parseTimeRange(command.from, command.to, {
      zone: settings.zone,
      now: moment,
      granularity: granularityOf(settings.api),
      retention: settings.retention,
    });
  const range = rangeAt(now);
  const kept = await keptRange(command, { now, range, rangeAt }, report);
  if (!kept) {
    report.warn(range.warnings);
    report.note(range.notes);
  }

  const connection = { ...connect(session, edges), onRequest: () => log.countRequest() };
  const ends = kept ?? range;
  const search = { ...settings, from: ends.from, to: ends.to };
  const [from, to] = [toUtcSeconds(ends.from), toUtcSeconds(ends.to)];
  log.start({ host: settings.origin, from, to }, `${from} to ${to}, from ${settings.origin}`);
  const parts = cutSearch(search, settings.origin);
  if (parts.length > 1) {
    report.note([`The filters are too long for one search; ${parts.length} are made of it.`]);
  }
  try {
    const explain = async (events: number) => {
      if (events === 0 && !command.quiet) {
        report.note(await whyEmpty(connection, search, session.sources));
      }
    };
    if (command.dryRun) {
      report.warn(missingFromCount(search, settings, edges.clock.now()));
      const counts = await countEach(connection, parts);
      await explain(sumOf(counts));
      printCounts(counts, search, log, edges);
    } else {
      const job = { command, connection, search, settings, range };
      const result = await exportWithProgress(job, log, edges);
      await explain(result.events);
      report.finished(result, settings.zone);
    }
  } catch (error) {
    const explained = withStart(error, command, search.to, settings);
    throw withLastChance(explained, ends.from, edges.clock.now(), settings);
  }
}

/**
 * Options that say how a CSV is to look. In the ini file they may stand for other exports.
 *
 * @throws UsageError where one of them is given for a workbook
 */
function refuseCsvOptions({ out, settings }: ExportCommand): void {
  if (out === undefined || !isWorkbook(out)) {
    return;
  }
  const csv = `${out.slice(0, -".xlsx".length)}.csv`;
  const [name, why] = csvOptions.find(([option, , fits]) => !fits.includes(settings[option])) ?? [];
  if (name !== undefined) {
    throw new UsageError(`--${name} is for CSV: ${why}.`, {
      hint: `Leave it out, or write a CSV: --out ${csv}`,
    });
  }
}

/** What a workbook has instead, and with which values it agrees. */
const csvOptions: readonly [string, string, readonly (string | undefined)[]][] = [
  [mainSettings.csvDelimiter.option, "a workbook has cells", [undefined]],
  [
    mainSettings.timestampFormat.option,
    "in a workbook, times are dates",
    [undefined, "spreadsheet"],
  ],
  [
    mainSettings.splitRows.option,
    "a workbook begins a new sheet where one is full",
    [undefined, "0"],
  ],
];

interface AskedRange {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly range: TimeRange;
  /** What the same words mean at another moment. */
  readonly rangeAt: (moment: number) => TimeRange;
}

/**
 * Times such as `now` have moved on since the interruption; what counts is what they meant then.
 *
 * @returns undefined where nothing was interrupted, or what was asked for with other words, which is
 *   for the export to refuse
 */
async function keptRange(
  { resume, from, to, out }: ExportCommand,
  asked: AskedRange,
  report: Report,
) {
  if (!resume || out === undefined || out === "-" || !(isRelative(from) || isRelative(to))) {
    return undefined;
  }
  const kept = await interruptedRange(out);
  if (!kept || !couldMean(kept, asked)) {
    return undefined;
  }
  report.note([
    `Going on with the interrupted export of ${toUtcSeconds(kept.from)} to ${toUtcSeconds(kept.to)}.`,
  ]);
  return kept;
}

/** Whether there was a moment at which the words of the command meant the range. */
function couldMean(
  kept: Pick<TimeRange, "from" | "to">,
  { now, range, rangeAt }: AskedRange,
): boolean {
  // What ends with `now`, or with a day, meant it at its end; what ends so long ago has moved by as much
  // as the clock.
  const moments = [kept.to, now - (range.from - kept.from), now - (range.to - kept.to)];
  return moments.some((moment) => {
    try {
      const { from, to } = rangeAt(moment);
      return moment <= now && from === kept.from && to === kept.to;
    } catch {
      return false;
    }
  });
}

function isRelative(time: string | undefined): boolean {
  return time !== undefined && !/^\s*\d{4}-/.test(time);
}

interface ExportJob {
  readonly command: ExportCommand;
  readonly connection: Connection;
  readonly search: Search;
  readonly settings: Settings;
  readonly range: TimeRange;
}

async function exportWithProgress(
  { command, connection, search, settings, range }: ExportJob,
  log: RunLog,
  edges: Edges,
): Promise<ExportResult> {
  const display = createDisplay(command, log, edges);
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
      onWorkbook: (progress) => display.workbook(progress),
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
  if (isWorkbook(out)) {
    return undefined;
  }
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

function printCounts(
  counts: readonly number[],
  search: CompleteSearch,
  log: RunLog,
  edges: Edges,
): void {
  const count = sumOf(counts);
  const requests = sumOf(counts.map((part) => Math.max(1, Math.ceil(part / search.perPage))));
  const range = `${toUtcSeconds(search.from)} to ${toUtcSeconds(search.to)} (end excluded)`;
  const needed = `${countOf(count, "event")}, ${countOf(requests, "request")}`;
  if (log.isJson) {
    const facts = { events: count, requestsNeeded: requests, exitCode: 0 };
    log.finish("counted", `${range}: ${needed}`, facts);
  } else {
    edges.stdout.write(wrapFor(edges.stdout, `${range}\n${needed}\n`));
  }
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function createDisplay(command: ExportCommand, log: RunLog, edges: Edges): ProgressDisplay {
  const { stdout, stderr, clock, env } = edges;
  // A bar in the midst of the records would be no help to anybody.
  if (command.quiet || (command.out === "-" && stdout.isTTY)) {
    return silentProgress;
  }
  // The lines of --verbose would tear a bar apart.
  return stderr.isTTY && env.TERM !== "dumb" && !command.verbose && !log.isJson
    ? new ProgressBar(stderr, clock)
    : new ProgressLines(
        ({ event, message, facts }) => log.write("info", event, message, facts),
        clock,
        command.verbose ?? false,
      );
}

/**
 * Where standard output is a file, Node writes to it with single calls and overlooks that the last
 * one may have written only a part, as on a disk that is just full.
 */
function standardOutput(stdout: NodeJS.WriteStream): Writable {
  if (stdout instanceof Socket) {
    return stdout;
  }
  // What fails once the export is over, as after Ctrl-C, concerns nobody.
  return createWriteStream("", { fd: 1, autoClose: false }).on("error", () => {});
}

/** Messages about a run, on standard error. */
class Report {
  readonly #edges: Edges;
  readonly #log: RunLog;
  readonly #verbose: boolean;

  constructor(edges: Edges, log: RunLog, verbose: boolean) {
    this.#edges = edges;
    this.#log = log;
    this.#verbose = verbose;
  }

  warn(messages: readonly string[]): void {
    for (const message of messages) {
      this.#log.write("warning", "warning", message);
    }
  }

  note(messages: readonly string[]): void {
    for (const message of messages) {
      this.#log.write("notice", "note", message);
    }
  }

  finished(result: ExportResult, zone: Zone): void {
    const { events, totalCount, doubled, removed, workbook } = result;
    const difference = totalCount - events;
    if (difference > 0) {
      this.note([
        `${countOf(difference, "event")} came in while the export ran; a later export of the same range has them.`,
      ]);
    } else if (difference < 0) {
      // Said even where only errors are wanted: the file is not what it should be.
      this.#log.insist(
        "warning",
        `${countOf(-difference, "event")} more arrived than SparkPost counted (${formatCount(totalCount)}); some may be in the file twice.`,
      );
    }
    if (doubled > 0) {
      this.#log.insist(
        "doubled",
        `SparkPost sent ${countOf(doubled, "event")} twice, where two pages meet${difference < 0 ? "" : ", and counts them twice too"}; they are in the file twice.`,
        { events: doubled },
      );
    }
    const cutTexts = workbook?.cutTexts ?? 0;
    if (cutTexts > 0) {
      const [texts, them] = cutTexts === 1 ? ["text is", "it"] : ["texts are", "them"];
      this.#log.insist(
        "texts-cut",
        `${formatCount(cutTexts)} ${texts} longer than a cell can hold (32,767 characters) and ${cutTexts === 1 ? "was" : "were"} cut; a CSV has ${them} whole.`,
        { texts: cutTexts },
      );
    }
    this.note(removed.map((path) => `${path}, of an earlier export, was removed.`));
    const { stderr, env } = this.#edges;
    const style = createStyle(stderr, env);
    const message = this.#log.isJson
      ? headlineOf(result, style)
      : summaryOf(result, style, { verbose: this.#verbose, zone });
    this.#log.finish("finished", message, factsOf(result));
  }
}

function factsOf(result: ExportResult): object {
  return {
    complete: true,
    files: result.paths,
    events: result.events,
    missing: result.expired && {
      from: toUtcSeconds(result.expired.from),
      to: toUtcSeconds(result.expired.to),
    },
    eventsByType: Object.fromEntries(result.eventsByType),
    totalCount: result.totalCount,
    doubled: result.doubled,
    resumed: result.resumed,
    bytes: result.bytes,
    retries: result.retries,
    sheets: result.workbook?.sheets,
    exitCode: 0,
  };
}

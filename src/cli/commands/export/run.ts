import { type Connection, nameOf } from "../../../api/client.js";
import { cutSearch } from "../../../api/cut-search.js";
import { type CompleteSearch, granularityOf, type Search } from "../../../api/search.js";
import { countEach } from "../../../api/search-events.js";
import { resolveLogFormat } from "../../../config/log-format.js";
import type { Settings } from "../../../config/settings.js";
import { countOf } from "../../../count.js";
import { SparkyEventsError } from "../../../errors.js";
import { recordsOf } from "../../../export/choose-format.js";
import { exportEvents } from "../../../export/export-events.js";
import type { ExportResult } from "../../../export/export-options.js";
import { endingOf, formatOfName } from "../../../formats/file-name.js";
import type { FormatName } from "../../../formats/record-format.js";
import { refuseOtherFormats } from "../../../output/output-format.js";
import { AuditError } from "../../../partial/audit-totals.js";
import { toUtcSeconds } from "../../../time/iso.js";
import { parseTimeRange, type TimeRange } from "../../../time/time-range.js";
import { missingFromCount, withStart } from "../../advice/expired-range.js";
import { withLastChance } from "../../advice/last-chance.js";
import { whyEmpty } from "../../advice/why-empty.js";
import { asFailure } from "../../failures/as-failure.js";
import { refuseMoreTimes } from "../../failures/command-line-errors.js";
import {
  foreignToLines,
  foreignToParquet,
  foreignToWorkbook,
  refuseCsvOptions,
} from "../../failures/refuse-csv-options.js";
import { RunLog } from "../../log/run-log.js";
import { refuseAbsentOutput } from "../../process/absent-output.js";
import type { Edges } from "../../process/edges.js";
import { chooseProgress } from "../../progress/choose-progress.js";
import { chooseSource } from "../../settings/choose-source.js";
import type { EventSource } from "../../settings/event-source.js";
import {
  type ReadSources,
  readSources,
  type Session,
  type SessionCommand,
  sessionFrom,
} from "../../settings/session.js";
import { readWhere } from "../../settings/where.js";
import { wrapFor } from "../../terminal/wrap.js";
import type { ExportGiven } from "./command.js";
import { isRelative, keptRange } from "./kept-range.js";
import { Report } from "./report.js";
import { standardOutput } from "./standard-output.js";

/** What an export is asked for with; the demo asks for one without an ini file. */
type ExportCommand = Omit<ExportGiven, "config"> & SessionCommand;

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
    if (formatOfName(command.out ?? "").isWorkbook) {
      const csv = command.out?.replace(/\.xlsx$/i, ".csv");
      refuseCsvOptions(command.settings, foreignToWorkbook, `--out ${csv}`);
    }
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
  const source = chooseSource(command.store, sessionFrom(read), edges);
  try {
    await exportFrom(source, command, log, edges);
  } finally {
    await source.close();
  }
}

async function exportFrom(
  source: EventSource,
  command: ExportCommand,
  log: RunLog,
  edges: Edges,
): Promise<void> {
  const report = new Report(edges, log, command.verbose ?? false);
  report.warn(source.session.warnings);

  const now = edges.clock.now();
  const rangeFor = (moment: number, { settings }: Session) =>
    parseTimeRange(command.from, command.to, {
      zone: settings.zone,
      now: moment,
      granularity: granularityOf(settings.api),
      retention: settings.retention,
    });
  const usual = rangeFor(now, source.session);
  const session = await source.sessionFor(usual);
  const { settings } = session;
  const records = recordsFor(command, settings);
  const rangeAt = (moment: number) => rangeFor(moment, session);
  const range = rangeAt(now);
  const kept = await keptRange(command, { now, range, rangeAt });
  if (kept) {
    report.note([
      `Going on with the interrupted export of ${toUtcSeconds(kept.from)} to ${toUtcSeconds(kept.to)}.`,
    ]);
  } else {
    report.warn(range.warnings);
    report.note(range.notes);
  }

  const connection = { ...(await source.connect()), onRequest: () => log.countRequest() };
  const ends = kept ?? range;
  report.warn(await source.warnOf(ends));
  const metadata = readWhere(command.where, settings.origin);
  const search = { ...settings, metadata, from: ends.from, to: ends.to };
  const [from, to] = [toUtcSeconds(ends.from), toUtcSeconds(ends.to)];
  log.start({ host: source.name, from, to }, `${from} to ${to}, from ${source.name}`);
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
      const job = { command, connection, search, settings, records, range };
      const result = await exportWithProgress(job, log, edges);
      await explain(result.events);
      report.finished(result, settings.zone, nameOf(connection));
    }
  } catch (error) {
    const explained = withStart(error, command, search.to, settings);
    throw withLastChance(explained, ends.from, edges.clock.now(), settings);
  }
}

/**
 * What records are written as: the name of a file says more than the ini file.
 *
 * @throws UsageError where options contradict each other
 */
function recordsFor({ out = "", settings: given }: ExportCommand, settings: Settings): FormatName {
  const isNamed = formatOfName(out).records !== undefined;
  const asked = given.format === undefined && isNamed ? undefined : settings.records;
  const records = recordsOf(asked, out);
  if (records !== "csv") {
    const foreign = records === "jsonl" ? foreignToLines : foreignToParquet;
    const csv = isNamed
      ? `--out ${out.replace(/\.(jsonl|ndjson|parquet|pq)/i, ".csv")}`
      : "--format csv";
    refuseCsvOptions(given, foreign, csv);
  }
  return records;
}

interface ExportJob {
  readonly command: ExportCommand;
  readonly connection: Connection;
  readonly search: Search;
  readonly settings: Settings;
  readonly records: FormatName;
  readonly range: TimeRange;
}

async function exportWithProgress(
  { command, connection, search, settings, records, range }: ExportJob,
  log: RunLog,
  edges: Edges,
): Promise<ExportResult> {
  const { quiet = false, verbose = false } = command;
  // A bar in the midst of the records would be no help to anybody.
  const isInTheWay = command.out === "-" && edges.stdout.isTTY;
  const display = chooseProgress({ quiet: quiet || isInTheWay, verbose }, log, edges);
  const name = `sparkpost-events_${range.fromName}_${range.toName}${endingOf[records]}`;
  const out = command.out ?? name;
  let kept: string | undefined;
  try {
    return await exportEvents({
      connection: {
        ...connection,
        onWait: (wait) => display.wait(wait),
        onAnswer: (answer) => display.answer(answer),
      },
      search,
      // What the name of the file says is not asked for once more: a workbook's records are CSV.
      records: formatOfName(out).records === undefined ? records : undefined,
      columns: settings.columns,
      format: settings.format,
      splitRows: splitRowsOf(settings, out, records),
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
function splitRowsOf(
  { splitRows, excel }: Settings,
  out: string,
  records: FormatName,
): number | undefined {
  if (formatOfName(out).isConverted) {
    return undefined;
  }
  const isForSheets = excel && out !== "-" && records === "csv";
  return (splitRows ?? (isForSheets ? sheetRows : 0)) || undefined;
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

import type { ReportSettings } from "../../config/settings.js";
import { resolveReportSettings } from "../../config/settings.js";
import { SparkyEventsError, UsageError } from "../../errors.js";
import { type SyncNotice, type SyncResult, syncEvents } from "../../sync/sync-events.js";
import { describeRetention } from "../../time/retention.js";
import { unitLength } from "../../time/units.js";
import type { Edges } from "../edges.js";
import { asFailure } from "../failure.js";
import { countOf, formatCount } from "../format.js";
import { ping } from "../hook.js";
import { type ProgressDisplay, silentProgress } from "../progress.js";
import { ProgressBar } from "../progress-bar.js";
import { ProgressLines } from "../progress-lines.js";
import { ReportedError } from "../reported-error.js";
import { RunLog } from "../run-log.js";
import {
  connect,
  type ReadSources,
  readSources,
  type SessionCommand,
  sessionFrom,
} from "../session.js";
import { createStyle } from "../style.js";
import { describeGaps, describeNames, describeNotice } from "../sync-messages.js";
import { UnsoundArchiveError } from "../unsound-archive-error.js";

export interface SyncCommand extends SessionCommand {
  /** Folder of the archive. */
  readonly folder: string;
  readonly days?: string | undefined;
  readonly includeToday?: boolean | undefined;
  readonly acceptGaps?: boolean | undefined;
  readonly newSchema?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly verbose?: boolean | undefined;
}

/** Brings an archive up to date, and tells whoever waits for it how that went. */
export async function runSync(command: SyncCommand, edges: Edges): Promise<void> {
  const read = await readSources(command, edges);
  const report = resolveReportSettings(read.sources);
  const log = new RunLog(edges, report.logFormat, command.quiet ?? false);
  try {
    await syncAndReport(command, read, report, log, edges);
  } catch (thrown) {
    const error = asFailure(thrown);
    await pingHook("hook-fail", report.hookFail, log, edges);
    if (report.logFormat === "text") {
      throw error;
    }
    logFailure(error, log);
    throw new ReportedError(error);
  }
  await pingHook("hook-ok", report.hookOk, log, edges);
}

async function syncAndReport(
  command: SyncCommand,
  read: ReadSources,
  { logFormat }: ReportSettings,
  log: RunLog,
  edges: Edges,
): Promise<void> {
  const session = sessionFrom(read);
  for (const warning of session.warnings) {
    log.write("warning", "warning", warning);
  }
  const { settings } = session;
  const { retention } = settings;
  const days = readDays(command.days, retention);
  const connection = connect(session, edges);
  const progress = new PeriodProgress(command, logFormat, log, edges);
  try {
    const { keep, ...archive } = settings.sync;
    const result = await syncEvents({
      connection: {
        ...connection,
        onWait: (wait) => progress.display.wait(wait),
        onAnswer: (answer) => progress.display.answer(answer),
      },
      search: settings,
      columns: settings.columns,
      format: settings.format,
      folder: command.folder,
      ...archive,
      keep: keep === undefined ? undefined : keep * unitLength.day,
      retention,
      days,
      includeUnfinished: command.includeToday ?? false,
      acceptGaps: command.acceptGaps ?? false,
      newSchema: command.newSchema ?? false,
      onProgress: (state) => progress.display.progress(state),
      onNotice: (notice) => {
        progress.follow(notice);
        const { level, event, message, facts } = describeNotice(notice, command.folder);
        log.write(level, event, message, facts);
      },
    });
    progress.stop();
    finish(result, log, edges, logFormat);
  } finally {
    progress.stop();
  }
}

const usualDays = 10;
/** For a host that keeps events for good: a hundred years. */
const mostDays = 36_500;

function readDays(text: string | undefined, retention: number): number {
  const most = Math.min(Math.floor(retention / unitLength.day), mostDays);
  const days = Number(text ?? Math.min(usualDays, most));
  if (!/^\d+$/.test(text ?? "1") || days < 1 || days > most) {
    throw new UsageError(`--days: "${text}" is not a number from 1 to ${most}.`, {
      hint:
        retention === Number.POSITIVE_INFINITY
          ? `Leave it out for ${usualDays}.`
          : `SparkPost keeps ${describeRetention(retention)}. Leave it out for ${Math.min(usualDays, most)}.`,
    });
  }
  return days;
}

/** @throws UnsoundArchiveError where the archive has gaps, or does not fit SparkPost's counts */
function finish(
  { folder, files, rows, exported, gaps, misfits }: SyncResult,
  log: RunLog,
  edges: Edges,
  logFormat: ReportSettings["logFormat"],
): void {
  const { green } = createStyle(edges.stderr, edges.env);
  const isSound = gaps.length === 0 && misfits.length === 0;
  const mark = logFormat === "text" && isSound ? `${green("✔")} ` : "";
  const changed =
    exported.length === 0 ? "nothing new" : `${formatCount(exported.length)} exported`;
  log.write(
    "info",
    "finished",
    `${mark}${folder}: ${countOf(files, "file")}, ${countOf(rows, "event")}; ${changed}`,
    { folder, files, rows, exported, gaps, misfits },
  );
  if (misfits.length > 0) {
    throw new UnsoundArchiveError(
      `SparkPost's counts do not fit ${countOf(misfits.length, "file")}: ${describeNames(misfits)}.`,
      5,
      "Nothing was replaced by less. Run it again; where that does not help, compare with sparky-events DAY --dry-run.",
    );
  }
  if (gaps.length > 0) {
    throw new UnsoundArchiveError(
      `SparkPost no longer has what is missing from ${folder}: ${describeGaps(gaps)}.`,
      6,
      "Where that cannot be helped, run it once with --accept-gaps, and it is reported no longer.",
    );
  }
}

function logFailure(error: unknown, log: RunLog): void {
  if (error instanceof SparkyEventsError) {
    const { message, hint, exitCode } = error;
    log.write("error", "failed", message, { hint, exitCode });
  } else {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    log.write("error", "failed", `This is a bug in sparky-events: ${message}`, { exitCode: 1 });
  }
}

async function pingHook(
  name: "hook-ok" | "hook-fail",
  url: URL | undefined,
  log: RunLog,
  edges: Edges,
): Promise<void> {
  const failure = url && (await ping(url, edges));
  if (failure !== undefined) {
    log.write("warning", "hook-failed", `--${name} (${url?.host}): ${failure}.`, { hook: name });
  }
}

/** Shows how the export of a period gets on, from its beginning to its end. */
class PeriodProgress {
  display: ProgressDisplay = silentProgress;
  readonly #start: (name: string) => ProgressDisplay;

  constructor(
    { quiet, verbose = false }: SyncCommand,
    logFormat: ReportSettings["logFormat"],
    log: RunLog,
    { stderr, clock, env }: Edges,
  ) {
    this.#start = (name) => {
      if (quiet) {
        return silentProgress;
      }
      const isBar = stderr.isTTY && env.TERM !== "dumb" && !verbose && logFormat === "text";
      return isBar
        ? new ProgressBar(stderr, clock)
        : new ProgressLines(
            (line) => log.write("info", "progress", `${name}: ${line}`, { name }),
            clock,
            verbose,
          );
    };
    this.display = this.#start("counting");
  }

  follow(notice: SyncNotice): void {
    this.stop();
    if (notice.type === "exporting") {
      this.display = this.#start(notice.name);
      this.display.start();
    }
  }

  stop(): void {
    this.display.stop();
    this.display = silentProgress;
  }
}

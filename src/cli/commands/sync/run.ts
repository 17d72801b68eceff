import { type HookSettings, resolveHooks } from "../../../config/hook-settings.js";
import { resolveLogFormat } from "../../../config/log-format.js";
import { countOf, formatCount } from "../../../count.js";
import { BusyError, UsageError } from "../../../errors.js";
import { mostDaysOf, usualDays } from "../../../sync/plan.js";
import { type SyncResult, syncEvents } from "../../../sync/sync-events.js";
import type { SyncNotice } from "../../../sync/sync-notice.js";
import { describeRetention } from "../../../time/retention.js";
import { unitLength } from "../../../time/units.js";
import { withLastChance } from "../../advice/last-chance.js";
import { asFailure } from "../../failures/as-failure.js";
import { refuseMoreFolders } from "../../failures/command-line-errors.js";
import { foreignToLines, refuseCsvOptions } from "../../failures/refuse-csv-options.js";
import { ReportedError } from "../../failures/reported-error.js";
import { UnsoundArchiveError } from "../../failures/unsound-archive-error.js";
import { RunLog } from "../../log/run-log.js";
import type { Edges } from "../../process/edges.js";
import { chooseProgress } from "../../progress/choose-progress.js";
import { type ProgressDisplay, silentProgress } from "../../progress/progress-display.js";
import { connect, type ReadSources, readSources, sessionFrom } from "../../settings/session.js";
import { createStyle } from "../../terminal/style.js";
import { defaultFolder } from "../shared-options.js";
import type { SyncGiven } from "./command.js";
import { ping } from "./hook.js";
import { describeGaps, describeNames, describeNotice } from "./notices.js";

/** Brings an archive up to date, and tells whoever waits for it how that went. */
export async function runSync(command: SyncGiven, edges: Edges): Promise<void> {
  refuseMoreFolders(command.words);
  const read = await readSources(command, edges);
  const log = new RunLog(edges, {
    format: resolveLogFormat(read.sources),
    quiet: command.quiet ?? false,
    verbose: command.verbose ?? false,
    timed: !edges.stderr.isTTY,
  });
  const hooks = hooksOf(read, log);
  try {
    await syncAndReport(command, read, log, edges);
  } catch (thrown) {
    const error = asFailure(thrown);
    if (error instanceof BusyError) {
      // The other one does the work, and tells how it went.
      const { message, hint, exitCode } = error;
      log.write("notice", "busy", log.isJson ? message : `${message}\n${hint}`, { hint, exitCode });
      throw new ReportedError(error);
    }
    await pingHook("hook-fail", hooks.hookFail, log, edges);
    throw log.fail(error);
  }
  await pingHook("hook-ok", hooks.hookOk, log, edges);
}

/** @throws what is left of a UsageError where one of them is no address: none is asked for then */
function hooksOf({ sources }: ReadSources, log: RunLog): HookSettings {
  try {
    return resolveHooks(sources);
  } catch (error) {
    throw log.fail(asFailure(error));
  }
}

async function syncAndReport(
  command: SyncGiven,
  read: ReadSources,
  log: RunLog,
  edges: Edges,
): Promise<void> {
  const session = sessionFrom(read);
  for (const warning of session.warnings) {
    log.write("warning", "warning", warning);
  }
  const { settings } = session;
  if (settings.records === "jsonl") {
    refuseCsvOptions(command.settings, foreignToLines, "--format csv");
  }
  const { retention } = settings;
  const days = readDays(command.days, retention);
  const connection = connect(session, edges);
  const { dir: folder = defaultFolder } = command;
  log.start({ host: settings.origin, folder }, `${folder}, from ${settings.origin}`);
  const progress = new PeriodProgress(command, log, edges);
  let oldest: number | undefined;
  try {
    const { keep, ...archive } = settings.sync;
    const result = await syncEvents({
      connection: {
        ...connection,
        onRequest: () => log.countRequest(),
        onWait: (wait) => progress.display.wait(wait),
        onAnswer: (answer) => progress.display.answer(answer),
      },
      search: settings,
      records: settings.records,
      columns: settings.columns,
      format: settings.format,
      folder,
      ...archive,
      keep: keep === undefined ? undefined : keep * unitLength.day,
      retention,
      days,
      includeUnfinished: command.includeToday ?? false,
      acceptGaps: command.acceptGaps ?? false,
      newSchema: command.newSchema ?? false,
      onUnreachable: (from) => {
        oldest = from;
      },
      onProgress: (state) => progress.display.progress(state),
      onNotice: (notice) => {
        progress.follow(notice);
        if (notice.type === "exporting") {
          log.startStep();
        }
        const { level, event, message, facts } = describeNotice(notice, folder);
        const work = notice.type === "exported" ? log.stepWork() : {};
        log.write(level, event, message, { ...facts, ...work });
      },
    });
    progress.stop();
    finish(result, log, edges);
  } catch (error) {
    throw oldest === undefined ? error : withLastChance(error, oldest, edges.clock.now(), settings);
  } finally {
    progress.stop();
  }
}

function readDays(text: string | undefined, retention: number): number {
  const most = mostDaysOf(retention);
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
): void {
  const { green } = createStyle(edges.stderr, edges.env);
  const exitCode = misfits.length > 0 ? 5 : gaps.length > 0 ? 6 : 0;
  const isSound = exitCode === 0;
  const mark = !log.isJson && isSound ? `${green("✔")} ` : "";
  const changed =
    exported.length === 0 ? "nothing new" : `${formatCount(exported.length)} exported`;
  log.finish(
    "finished",
    `${mark}${folder}: ${countOf(files, "file")}, ${countOf(rows, "event")}; ${changed}`,
    { folder, complete: isSound, files, rows, exported, gaps, misfits, exitCode },
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

  constructor({ quiet = false, verbose = false }: SyncGiven, log: RunLog, edges: Edges) {
    this.#start = (name) => chooseProgress({ quiet, verbose, name }, log, edges);
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

import { type HookSettings, resolveHooks } from "../../../config/hook-settings.js";
import { resolveLogFormat } from "../../../config/log-format.js";
import { countOf, formatCount } from "../../../count.js";
import { BusyError, UsageError } from "../../../errors.js";
import { shellWord } from "../../../schedule/shell.js";
import { mostDaysOf, usualDays } from "../../../sync/plan.js";
import { describeRetention } from "../../../time/retention.js";
import { unitLength } from "../../../time/units.js";
import { withLastChance } from "../../advice/last-chance.js";
import { asFailure } from "../../failures/as-failure.js";
import { refuseMoreFolders } from "../../failures/command-line-errors.js";
import { refuseFileOptions, unusedFilters } from "../../failures/refuse-file-options.js";
import { ReportedError } from "../../failures/reported-error.js";
import { UnsoundArchiveError } from "../../failures/unsound-archive-error.js";
import { RunLog } from "../../log/run-log.js";
import type { Edges } from "../../process/edges.js";
import {
  connect,
  type ReadSources,
  readSources,
  type Session,
  type SessionCommand,
  sessionFrom,
} from "../../settings/session.js";
import { createStyle } from "../../terminal/style.js";
import type { SyncGiven } from "./command.js";
import { ping } from "./hook.js";
import { describeGaps, describeNames, describeNotice } from "./notices.js";
import { PeriodProgress } from "./period-progress.js";
import { folderPlace, type SyncOutcome, type SyncPlace, storePlace } from "./sync-place.js";

/** What a run is asked for with; the demo asks for one without an ini file. */
type SyncCommand = Omit<SyncGiven, "config"> & SessionCommand;

/** Brings an archive up to date, and tells whoever waits for it how that went. */
export async function runSync(command: SyncCommand, edges: Edges): Promise<void> {
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
  command: SyncCommand,
  read: ReadSources,
  log: RunLog,
  edges: Edges,
): Promise<void> {
  const session = sessionFrom(read);
  for (const warning of session.warnings) {
    log.write("warning", "warning", warning);
  }
  const { settings } = session;
  const { retention } = settings;
  const { keep, settle } = settings.sync;
  const days = readDays(command.days, retention);
  const place = placeOf(command, read, session, log, edges);
  const connection = connect(session, edges);
  log.start({ host: settings.origin, ...place.facts }, `${place.name}, from ${settings.origin}`);
  const progress = new PeriodProgress(command, log, edges);
  let oldest: number | undefined;
  try {
    const outcome = await place.sync({
      connection: {
        ...connection,
        onRequest: () => log.countRequest(),
        onWait: (wait) => progress.display.wait(wait),
        onAnswer: (answer) => progress.display.answer(answer),
      },
      retention,
      days,
      settle,
      keep: keep === undefined ? undefined : keep * unitLength.day,
      includeUnfinished: command.includeToday ?? false,
      acceptGaps: command.acceptGaps ?? false,
      onUnreachable: (from) => {
        oldest = from;
      },
      onProgress: (state) => progress.display.progress(state),
      onNotice: (notice) => {
        progress.follow(notice);
        if (notice.type === "exporting") {
          log.startStep();
        }
        const { level, event, message, facts } = describeNotice(notice, place);
        const work = notice.type === "exported" ? log.stepWork() : {};
        log.write(level, event, message, { ...facts, ...work });
      },
    });
    progress.stop();
    finish(place, outcome, log, edges);
  } catch (error) {
    throw oldest === undefined ? error : withLastChance(error, oldest, edges.clock.now(), settings);
  } finally {
    progress.stop();
  }
}

/** @throws UsageError where options do not fit what is written to */
function placeOf(
  command: SyncCommand,
  { sources }: ReadSources,
  session: Session,
  log: RunLog,
  edges: Edges,
): SyncPlace {
  const { to, dir } = command;
  if (to === undefined) {
    return folderPlace(command, session.settings);
  }
  refuseFileOptions(command.settings);
  if (dir !== undefined || command.newSchema) {
    throw new UsageError(
      `With --to, events go into a store: ${dir === undefined ? "--new-schema" : dir} is for a folder of files.`,
      { hint: `sparky-events sync --to ${shellWord(to)}` },
    );
  }
  for (const message of unusedFilters(sources)) {
    log.write("notice", "unused", message);
  }
  return storePlace(to, session.settings, edges);
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
  place: SyncPlace,
  { result, facts, contents }: SyncOutcome,
  log: RunLog,
  edges: Edges,
): void {
  const { exported, gaps, misfits } = result;
  const { green } = createStyle(edges.stderr, edges.env);
  const exitCode = misfits.length > 0 ? 5 : gaps.length > 0 ? 6 : 0;
  const isSound = exitCode === 0;
  const mark = !log.isJson && isSound ? `${green("✔")} ` : "";
  const changed =
    exported.length === 0 ? "nothing new" : `${formatCount(exported.length)} exported`;
  log.finish("finished", `${mark}${contents}; ${changed}`, {
    ...place.facts,
    complete: isSound,
    ...facts,
    exported,
    gaps,
    misfits,
    exitCode,
  });
  if (misfits.length > 0) {
    throw new UnsoundArchiveError(
      `SparkPost's counts do not fit ${countOf(misfits.length, place.unit)}: ${describeNames(misfits)}.`,
      5,
      "Nothing was replaced by less. Run it again; where that does not help, compare with sparky-events DAY --dry-run.",
    );
  }
  if (gaps.length > 0) {
    throw new UnsoundArchiveError(
      `SparkPost no longer has what is missing from ${place.name}: ${describeGaps(gaps)}.`,
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

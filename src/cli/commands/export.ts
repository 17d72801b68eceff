import { createWriteStream } from "node:fs";
import { Socket } from "node:net";
import type { Writable } from "node:stream";
import type { Connection } from "../../api/client.js";
import { type CompleteSearch, granularityOf, type Search } from "../../api/search.js";
import { countEvents } from "../../api/search-events.js";
import { resolveApiKey, resolveSettings, type Settings } from "../../config/settings.js";
import { SparkyEventsError } from "../../errors.js";
import { type ExportResult, exportEvents } from "../../export/export-events.js";
import { interruptedRange } from "../../export/restore-export.js";
import { toUtcSeconds } from "../../time/iso.js";
import { parseTimeRange, type TimeRange } from "../../time/time-range.js";
import { readConfigFile } from "../config-file.js";
import type { Edges } from "../edges.js";
import { countOf, formatCount } from "../format.js";
import { type ProgressDisplay, silentProgress } from "../progress.js";
import { ProgressBar } from "../progress-bar.js";
import { ProgressLines } from "../progress-lines.js";
import { createStyle, type Style } from "../style.js";
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
  const config =
    command.config === false ? undefined : await readConfigFile(command.config, edges.env);
  const sources = {
    options: command.options,
    apiKey: edges.env.SPARKPOST_API_KEY,
    ini: config,
  };
  const { settings, warnings } = resolveSettings(sources);
  const report = new Report(edges, command.quiet ?? false);
  report.warn([...(config?.warnings ?? []), ...warnings]);

  const range = parseTimeRange(command.from, command.to, {
    zone: settings.zone,
    now: edges.clock.now(),
    granularity: granularityOf(settings.api),
  });
  report.warn(range.warnings);
  report.note(range.notes);

  const apiKey = resolveApiKey(sources);
  // A shorter one is made up, and would turn up in the midst of words.
  if (apiKey.length >= 16) {
    edges.secrets.add(apiKey);
  }
  const connection = connect(apiKey, settings, edges);
  const ends = (await keptRange(command, report)) ?? range;
  const search = { ...settings, from: ends.from, to: ends.to };
  if (command.dryRun) {
    await printCount(connection, search, edges);
  } else {
    report.finished(await exportWithProgress(command, connection, search, settings, range, edges));
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
  { columns, format }: Settings,
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
      columns,
      format,
      output: out === "-" ? standardOutput(edges.stdout) : out,
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

/** The error, with the way on added to what it says already. */
function withResumeHint(
  error: unknown,
  folder: string,
  command: ExportCommand,
  out: string,
): unknown {
  if (error instanceof SparkyEventsError) {
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
  edges: Edges,
): Promise<void> {
  const count = await countEvents(connection, search);
  const requests = Math.max(1, Math.ceil(count / search.perPage));
  edges.stdout.write(
    `${toUtcSeconds(search.from)} to ${toUtcSeconds(search.to)} (end excluded)\n` +
      `${countOf(count, "event")}, ${countOf(requests, "request")}\n`,
  );
}

function connect(apiKey: string, settings: Settings, { env, clock, signal }: Edges): Connection {
  return {
    host: settings.origin,
    apiKey,
    concurrency: settings.concurrency,
    timeout: settings.timeout,
    giveUpAfter: settings.giveUpAfter,
    proxy: {
      httpsProxy: env.HTTPS_PROXY || env.https_proxy,
      noProxy: env.NO_PROXY || env.no_proxy,
    },
    clock,
    signal,
  };
}

function createDisplay(
  command: ExportCommand,
  { stdout, stderr, clock, env }: Edges,
): ProgressDisplay {
  // A bar in the midst of the records would be no help to anybody.
  if (command.quiet || (command.out === "-" && stdout.isTTY)) {
    return silentProgress;
  }
  // The lines of --verbose would tear a bar apart.
  return stderr.isTTY && env.TERM !== "dumb" && !command.verbose
    ? new ProgressBar(stderr, clock)
    : new ProgressLines((line) => stderr.write(`${line}\n`), clock, command.verbose ?? false);
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
  readonly #style: Style;

  constructor(edges: Edges, quiet: boolean) {
    this.#edges = edges;
    this.#quiet = quiet;
    this.#style = createStyle(edges.stderr, edges.env);
  }

  warn(messages: readonly string[]): void {
    if (!this.#quiet) {
      this.#print(this.#style.yellow("warning:"), messages);
    }
  }

  note(messages: readonly string[]): void {
    if (!this.#quiet) {
      this.#print(this.#style.dim("note:"), messages);
    }
  }

  finished(result: ExportResult): void {
    const difference = result.totalCount - result.events;
    if (difference > 0) {
      this.note([
        `${countOf(difference, "event")} came in while the export ran; a later export of the same range has them.`,
      ]);
    } else if (difference < 0) {
      // Said even where only errors are wanted: the file is not what it should be.
      this.#print(this.#style.yellow("warning:"), [
        `${countOf(-difference, "event")} more arrived than SparkPost counted (${formatCount(result.totalCount)}); some may be in the file twice.`,
      ]);
    }
    if (!this.#quiet) {
      this.#edges.stderr.write(summaryOf(result, this.#style));
    }
  }

  #print(label: string, messages: readonly string[]): void {
    for (const message of messages) {
      this.#edges.stderr.write(`${label} ${message}\n`);
    }
  }
}

import { Argument, Command, Option } from "commander";
import {
  filterSettings,
  mainSettings,
  type SettingName,
  syncSettings,
} from "../config/setting-names.js";
import { packageVersion } from "../package-version.js";
import { type Scheduler, schedulers } from "../schedule/schedulers.js";
import { explain, refuseSwallowedOptions, refuseWrongArguments } from "./command-line-errors.js";
import type { Shell } from "./completion-script.js";
import type { Edges } from "./edges.js";
import { wrapFor } from "./wrap.js";

/**
 * The command line: names, options and help texts. What a command does is loaded when it runs, so
 * that help needs neither the HTTP nor the CSV side.
 */
export function createProgram(edges: Edges): Command {
  const program = new Command("sparky-events")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => edges.stdout.write(text),
      writeErr: (text) => edges.stderr.write(wrapFor(edges.stderr, text)),
      outputError: (text, write) => write(explain(text)),
    })
    .showHelpAfterError("Run sparky-events --help to see what can be asked for.")
    .hook("preAction", (_, command) => refuseSwallowedOptions(command))
    .version(packageVersion(), "--version", "print the version");

  const exportCommand = program
    .command("export", { isDefault: true })
    .description("Write every SparkPost message event of a time range to a CSV file.")
    .configureHelp({ commandUsage: () => "sparky-events <from> [to] [options]" });
  describeExport(exportCommand);
  exportCommand.action(async (from: string, to: string | undefined) => {
    refuseWrongArguments(exportCommand.args, program);
    const { runExport } = await import("./commands/export.js");
    const { out, config, resume, force, dryRun, quiet, verbose } = exportCommand.opts();
    await runExport(
      {
        from,
        to,
        out,
        config,
        resume,
        force,
        dryRun,
        quiet,
        verbose,
        options: settingOptions(exportCommand),
      },
      edges,
    );
  });

  describeArchive(program, edges);
  describeStatus(program, edges);
  describeSetup(program, edges);
  describeCatalog(program, edges);
  describeSchedule(program, edges);
  describeStandIn(program, edges);
  describeCompletion(program, edges);

  for (const command of program.commands.filter((other) => other !== exportCommand)) {
    command.showHelpAfterError(`Run sparky-events ${command.name()} --help for what it takes.`);
  }
  const exportHelp = exportCommand.helpInformation.bind(exportCommand);
  exportCommand.helpInformation = () => exportHelp() + commandsHelp(program) + examples;
  program.helpInformation = exportCommand.helpInformation;
  return program;
}

const configOption = [
  "-c, --config <FILE>",
  "ini file (default: ./sparkpost.ini, then ~/.config/sparky-events/)",
] as const;

/** Options that are settings, of commands that need no others. */
const accessSettings = [mainSettings.host, mainSettings.timeout];

const defaultFolder = "sparkpost-events";

function describeArchive(program: Command, edges: Edges): void {
  const sync = program
    .command("sync")
    .description("Keep a folder with a file per day complete; for every night.")
    .argument("[dir]", `folder of the archive (default: ./${defaultFolder})`)
    .optionsGroup("Options:")
    .option("--days <N>", "look at the last N days, at most as many as Retention (default: 10)")
    .option("--include-today", "add what there is of today; the next run replaces it");
  for (const setting of Object.values(syncSettings)) {
    addSetting(sync, setting);
  }
  sync
    .option("--accept-gaps", "note what is lost for good, and report it no longer")
    .option("--new-schema", "where columns or the like differ, begin anew in a subfolder")
    .option(...configOption);
  const { splitRows, allowExpired, ...exportSettings } = mainSettings;
  for (const setting of Object.values(exportSettings)) {
    addSetting(sync, setting);
  }
  sync
    .option("-q, --quiet", "print errors only")
    .option("-v, --verbose", "print each request, and details of errors");
  describeFilters(sync);
  sync.action(async (folder: string | undefined) => {
    const { runSync } = await import("./commands/sync.js");
    const { config, days, includeToday, acceptGaps, newSchema, quiet, verbose } = sync.opts();
    await runSync(
      {
        folder: folder ?? defaultFolder,
        config,
        days,
        includeToday,
        acceptGaps,
        newSchema,
        quiet,
        verbose,
        options: settingOptions(sync),
      },
      edges,
    );
  });
}

function describeStatus(program: Command, edges: Edges): void {
  const status = program
    .command("status")
    .description("Show what the folder of sync holds, day by day, and what it lacks.")
    .argument("[dir]", `folder of the archive (default: ./${defaultFolder})`)
    .option("--verify", "read every file, and compare its checksum and rows")
    .addOption(
      new Option("--format <NAME>", "table or json (default: table)").choices(["table", "json"]),
    )
    .option(...configOption);
  for (const setting of [syncSettings.settle, syncSettings.keep, mainSettings.retention]) {
    addSetting(status, setting);
  }
  status.action(async (folder: string | undefined) => {
    const { runStatus } = await import("./commands/status.js");
    const { config, verify, format } = status.opts();
    await runStatus(
      {
        folder: folder ?? defaultFolder,
        config,
        verify,
        format,
        options: settingOptions(status),
      },
      edges,
    );
  });
}

function describeSetup(program: Command, edges: Edges): void {
  program
    .command("init")
    .description("Ask for the key and the rest, and write sparkpost.ini.")
    .option("-c, --config <FILE>", "ini file to write (default: ./sparkpost.ini)")
    .action(async ({ config }: { config?: string }) => {
      const { runInit } = await import("./commands/init.js");
      await runInit({ config }, edges);
    });

  const check = program
    .command("check")
    .description("Check settings, connection and key; say what to mend.")
    .option(...configOption);
  for (const setting of [...accessSettings, mainSettings.api, mainSettings.timezone]) {
    addSetting(check, setting);
  }
  check.action(async ({ config }: { config?: string }) => {
    const { runCheck } = await import("./commands/check.js");
    await runCheck({ config, options: settingOptions(check) }, edges);
  });
}

function describeCatalog(program: Command, edges: Edges): void {
  const types = program.command("types").description("List the event types.");
  describeListing(types, true);
  types.action(async ({ config, format, live }) => {
    const { runTypes } = await import("./commands/catalog.js");
    await runTypes({ config, format, live, options: settingOptions(types) }, edges);
  });

  const properties = program
    .command("properties")
    .description("List the event properties, of all event types or one.")
    .argument("[type]", "event type, such as bounce");
  describeListing(properties, true);
  properties.action(async (type: string | undefined, { config, format, live }) => {
    const { runProperties } = await import("./commands/catalog.js");
    await runProperties(type, { config, format, live, options: settingOptions(properties) }, edges);
  });

  const bounceClasses = program.command("bounce-classes").description("List the bounce classes.");
  describeListing(bounceClasses, false);
  bounceClasses.action(async ({ format }) => {
    const { runBounceClasses } = await import("./commands/catalog.js");
    runBounceClasses({ format }, edges);
  });
}

function describeListing(command: Command, live: boolean): void {
  command.addOption(
    new Option("--format <NAME>", "table, csv or json (default: table)").choices([
      "table",
      "csv",
      "json",
    ]),
  );
  if (live) {
    command
      .option("--live", "ask SparkPost too, and mark what the built-in catalog lacks")
      .option(...configOption);
    for (const setting of accessSettings) {
      addSetting(command, setting);
    }
  }
}

function describeSchedule(program: Command, edges: Edges): void {
  program
    .command("schedule")
    .description("Print a nightly sync for cron, systemd and others.")
    .addArgument(new Argument("<scheduler>", "what is to run it").choices(schedulers))
    .argument("[dir]", "folder of the day files", "./sparkpost-events")
    .option(...configOption)
    .option("--at <HH:MM>", "time of this machine; runs begin up to 10 minutes later", "03:17")
    .option("--user <NAME>", "whom it runs as (default: you)")
    .option("--name <NAME>", "what the scheduler calls it; one for each folder", "sparky-events")
    .action(async (scheduler: Scheduler, folder: string, { config, at, user, name }) => {
      const { runSchedule } = await import("./commands/schedule.js");
      await runSchedule({ scheduler, folder, config, at, user, name }, edges);
    });
}

function describeStandIn(program: Command, edges: Edges): void {
  program
    .command("sandbox")
    .description("Run a stand-in for SparkPost, to try without an account.")
    .option("--port <N>", "port on 127.0.0.1; 0 for any free one (default: 8025)")
    .option("--events <N>", "number of events, over the last 10 days (default: 100000)")
    .option("--seed <N>", "which events: the same seed makes the same ones (default: 1)")
    .option("--rate-limit <R>", "requests per second; beyond, answers 429")
    .option("--latency <MS>", "milliseconds before each answer (default: 0)")
    .option("--fail-rate <P>", "share of requests that fail, from 0 to 1 (default: 0)")
    .action(async (options: Record<string, string>) => {
      const { runSandbox } = await import("./commands/sandbox.js");
      await runSandbox(options, edges);
    });

  program
    .command("demo")
    .description("Export yesterday from that stand-in; needs no key.")
    .action(async () => {
      const { runDemo } = await import("./commands/demo.js");
      await runDemo(edges);
    });
}

function describeCompletion(program: Command, edges: Edges): void {
  program
    .command("completion")
    .description("Print a script for the Tab key: bash, zsh or fish.")
    .addArgument(new Argument("<shell>", "your shell").choices(["bash", "zsh", "fish"]))
    .action(async (shell: Shell) => {
      const { runCompletion } = await import("./commands/completion.js");
      runCompletion(shell, program, edges);
    });
}

function describeExport(command: Command): void {
  command
    .argument("<from>", "start, such as 2026-11-19, yesterday, or 24h for 24 hours ago")
    .argument("[to]", "end, that unit included; may be left out after a day")
    .allowExcessArguments()
    .optionsGroup("Options:")
    .option(
      "-o, --out <FILE>",
      "output file; - is standard output; a name ending in .gz is gzipped",
    )
    .option(...configOption);
  for (const setting of Object.values(mainSettings)) {
    addSetting(command, setting);
  }
  command
    .option("--resume", "go on with an interrupted export to the same file, where there is one")
    .option("--force", "replace an existing output file, and begin an interrupted export anew")
    .option("--dry-run", "only ask how many events there are")
    .option("-q, --quiet", "print errors only")
    .option("-v, --verbose", "print each request, and details of errors")
    .option("--version", "print the version")
    .helpOption("-h, --help", "print this help");
  describeFilters(command);
}

function describeFilters(command: Command): void {
  command.optionsGroup("Filters by the whole value (_ may stand for -):");
  for (const setting of filterSettings.filter(({ byKeyword }) => !byKeyword)) {
    addSetting(command, setting);
  }
  command.optionsGroup("Filters by keyword (spring finds spring-sale, spr does not):");
  for (const setting of filterSettings.filter(({ byKeyword }) => byKeyword)) {
    addSetting(command, setting);
  }
}

const examples = `
Examples:
  sparky-events yesterday                      yesterday, into a file here
  sparky-events 2026-11-17 2026-11-19          three days, both ends included
  sparky-events 24h now --events bounce -o -   the last day's bounces, to a pipe
  sparky-events yesterday --excel              for a spreadsheet
  sparky-events today --campaigns spring -o spring.csv.gz

Times are read in --timezone and name the whole unit they are written in:
2026-11-19, 2026-11-19T08, 2026-11-19T08:30, 2026-11-19T08:30Z; today,
yesterday, now; or so long ago: 90m, 24h, 7d. SparkPost keeps 10 days; 10d is
all of it, and a start before that is refused without --allow-expired.

A LIST has commas between its values; one with a comma in it goes into double
quotes. @FILE in a LIST stands for the lines of a file, one value each; a value
that begins with @ goes into double quotes. In a shell: --subjects '"Hi, Ann"'

The API key goes into sparkpost.ini, which sparky-events init writes, or into
the environment variable SPARKPOST_API_KEY, or into a file of its own that
SPARKPOST_API_KEY_FILE names; lasting settings go into sparkpost.ini too.

Exit codes: 0 complete, 1 disk full or a bug, 2 command line or settings,
3 key refused, 4 SparkPost not reached, 5 not the events that SparkPost counted,
6 days are lost for good (sync, status), 129, 130 and 143 interrupted, 141
reader of the pipe gone.
`;

function commandsHelp(program: Command): string {
  const commands = program.commands
    .filter((command) => command.name() !== "export")
    .map((command) => {
      const args = command.registeredArguments.map((argument) =>
        argument.required ? ` <${argument.name()}>` : ` [${argument.name()}]`,
      );
      return `  ${(command.name() + args.join("")).padEnd(28)}${command.description()}\n`;
    })
    .join("");
  return `\nOther commands (sparky-events check --help and so on tell more):\n${commands}`;
}

function addSetting(
  command: Command,
  { option, short, placeholder, shown, help }: SettingName,
): void {
  if (option === undefined) {
    return;
  }
  if (shown !== undefined) {
    // Without the other one, what stands in the ini file could not be taken back.
    command.addOption(new Option(`--${option}`, help).hideHelp(shown === "no"));
    command.addOption(new Option(`--no-${option}`, help).hideHelp(shown === "yes"));
    return;
  }
  const setting = new Option(`${short ? `-${short}, ` : ""}--${option} <${placeholder}>`, help);
  // Columns have an order and names, so of these the last list counts, as of everything else.
  const isSet = placeholder === "LIST" && option !== mainSettings.properties.option;
  command.addOption(isSet ? setting.argParser(joinLists) : setting);
}

/** A list of what to search for is one list, in however many pieces it is given. */
function joinLists(piece: string, before: string | undefined): string {
  return before === undefined ? piece : `${before},${piece}`;
}

/** Values of the options that are settings, by option name. */
function settingOptions(command: Command): Record<string, string | undefined> {
  return Object.fromEntries(
    command.options
      .filter((option) => option.long !== undefined && !option.negate)
      .map((option) => {
        const value: unknown = command.getOptionValue(option.attributeName());
        return [option.name(), typeof value === "boolean" ? (value ? "yes" : "no") : value];
      }),
  ) as Record<string, string | undefined>;
}

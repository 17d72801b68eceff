import { Argument, Command, Option } from "commander";
import {
  filterSettings,
  mainSettings,
  type SettingName,
  syncSettings,
} from "../config/setting-names.js";
import { packageVersion } from "../package-version.js";
import { type Scheduler, schedulers } from "../schedule/schedulers.js";
import type { Shell } from "./commands/completion/script.js";
import { defaultFolder } from "./commands/default-folder.js";
import {
  explain,
  refuseMoreFolders,
  refuseMoreTimes,
  refuseSwallowedOptions,
  refuseWrongArguments,
} from "./failures/command-line-errors.js";
import { refuseFileNames } from "./failures/refuse-file-names.js";
import { commandGuides, mainCommand } from "./help/command-guides.js";
import { helpLayout, helpWidth } from "./help/layout.js";
import type { Edges } from "./process/edges.js";
import { SettingOption } from "./settings/setting-option.js";
import { wrapFor } from "./terminal/wrap.js";

/**
 * The command line: names, options and help texts. What a command does is loaded when it runs, so
 * that help needs neither the HTTP nor the CSV side.
 */
export function createProgram(edges: Edges): Command {
  const program: Command = new Command("sparky-events")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => edges.stdout.write(text),
      writeErr: (text) => edges.stderr.write(wrapFor(edges.stderr, text)),
      getOutHelpWidth: () => helpWidth(edges.stdout),
      outputError: (text, write) => write(explain(text, program.commands)),
    })
    .showHelpAfterError("Run sparky-events --help to see what can be asked for.")
    .configureHelp(helpLayout)
    .helpOption("-h, --help", "print this help")
    .hook("preAction", async (_, command) => {
      refuseSwallowedOptions(command);
      await refuseFileNames(command);
    })
    .version(packageVersion(), "--version", "print the version")
    // In front of a command too.
    .addOption(noColor().hideHelp());

  const exportCommand = program
    .command(mainCommand, { isDefault: true })
    .description("Write every SparkPost message event of a time range to a CSV file or a workbook.")
    .configureHelp({ ...helpLayout, commandUsage: () => "sparky-events <from> [to] [options]" });
  describeExport(exportCommand);
  exportCommand.action(async (from: string, to: string | undefined) => {
    refuseWrongArguments(exportCommand.args, program);
    const { runExport } = await import("./commands/export/run.js");
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

  describeCount(program, edges);
  describeArchive(program, edges);
  describeStatus(program, edges);
  describeSetup(program, edges);
  describeCatalog(program, edges);
  describeSchedule(program, edges);
  describeStandIn(program, edges);
  describeCompletion(program, edges);

  for (const command of program.commands) {
    command.addOption(noColor());
    if (command !== exportCommand) {
      command.showHelpAfterError(`Run sparky-events ${command.name()} --help for what it takes.`);
    }
  }
  program.helpInformation = (context) => exportCommand.helpInformation(context);
  return program;
}

/** Options that are settings, of commands that need no others. */
const accessSettings = [mainSettings.host, mainSettings.timeout];

/** Settings that say how SparkPost is reached and asked, not what becomes of its answers. */
const connectionSettings: readonly SettingName[] = [
  mainSettings.host,
  mainSettings.api,
  mainSettings.perPage,
  mainSettings.concurrency,
  mainSettings.timeout,
  mainSettings.giveUpAfter,
  mainSettings.maxBody,
];

const outputSettings: readonly SettingName[] = Object.values(mainSettings).filter(
  (setting) => !connectionSettings.includes(setting),
);

function describeCount(program: Command, edges: Edges): void {
  const count = program
    .command("count")
    .description("Show how many events a range has, by event type.")
    .argument("<from>", "start, such as 2026-11-19, yesterday, or 24h for 24 hours ago")
    .argument("[to]", "end, that unit included; may be left out after a day")
    .allowExcessArguments()
    .optionsGroup("Options:")
    .addOption(formatOption());
  addConfig(count);
  for (const setting of [
    mainSettings.events,
    mainSettings.timezone,
    mainSettings.allowExpired,
    mainSettings.retention,
  ]) {
    addSetting(count, setting);
  }
  count
    .option("-q, --quiet", "print errors only")
    .option("-v, --verbose", "print each request, and details of errors");
  describeConnection(count, [mainSettings.perPage]);
  describeFilters(count);
  count.action(async (from: string, to: string | undefined) => {
    refuseMoreTimes(count.args);
    const { runCount } = await import("./commands/count/run.js");
    const { config, format, quiet, verbose } = count.opts();
    await runCount(
      { from, to, config, format, quiet, verbose, options: settingOptions(count) },
      edges,
    );
  });
}

function describeArchive(program: Command, edges: Edges): void {
  const sync = program
    .command("sync")
    .description("Keep a folder with a file per day complete.")
    .argument("[dir]", `folder of the archive (default: ./${defaultFolder})`)
    .allowExcessArguments()
    .optionsGroup("Options:")
    .option("--days <N>", "look at the last N days, at most as many as Retention (default: 10)")
    .option("--include-today", "add what there is of today; the next run replaces it");
  for (const setting of Object.values(syncSettings)) {
    addSetting(sync, setting);
  }
  sync
    .option("--accept-gaps", "note what is lost for good, and report it no longer")
    .option("--new-schema", "where columns or the like differ, begin anew in a subfolder");
  addConfig(sync);
  const without: readonly SettingName[] = [mainSettings.splitRows, mainSettings.allowExpired];
  for (const setting of outputSettings.filter((other) => !without.includes(other))) {
    addSetting(sync, setting);
  }
  sync
    .option("-q, --quiet", "print errors only")
    .option("-v, --verbose", "print each request, and details of errors");
  describeConnection(sync);
  describeFilters(sync);
  sync.action(async (folder: string | undefined) => {
    refuseMoreFolders(sync.args);
    const { runSync } = await import("./commands/sync/run.js");
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
    .description("Show what the folder of sync has, and lacks.")
    .argument("[dir]", `folder of the archive (default: ./${defaultFolder})`)
    .option("--verify", "read every file, and compare its checksum and rows")
    .addOption(
      new Option("--format <NAME>", "table or json (default: table)").choices(["table", "json"]),
    );
  addConfig(status);
  for (const setting of [syncSettings.settle, syncSettings.keep, mainSettings.retention]) {
    addSetting(status, setting);
  }
  status.action(async (folder: string | undefined) => {
    const { runStatus } = await import("./commands/status/run.js");
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
    .description("Ask for the key and more; write sparkpost.ini.")
    .option("-c, --config <FILE>", "ini file to write (default: ./sparkpost.ini)")
    .action(async ({ config }: { config?: string }) => {
      const { runInit } = await import("./commands/init/run.js");
      await runInit({ config }, edges);
    });

  const check = program.command("check").description("Check settings, connection and key.");
  addConfig(check);
  for (const setting of [...accessSettings, mainSettings.api, mainSettings.timezone]) {
    addSetting(check, setting);
  }
  check.action(async ({ config }: { config?: string }) => {
    const { runCheck } = await import("./commands/check/run.js");
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
    .description("List the event properties, of all types or one.")
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

function formatOption(): Option {
  return new Option("--format <NAME>", "table, csv or json (default: table)").choices([
    "table",
    "csv",
    "json",
  ]);
}

function describeListing(command: Command, live: boolean): void {
  command.addOption(formatOption());
  if (live) {
    command.option("--live", "ask SparkPost too, and mark what the built-in catalog lacks");
    addConfig(command);
    for (const setting of accessSettings) {
      addSetting(command, setting);
    }
  }
}

function describeSchedule(program: Command, edges: Edges): void {
  const schedule = program
    .command("schedule")
    .description("Print a nightly sync for cron, systemd and others.")
    .addArgument(
      new Argument("<scheduler>", "cron, systemd, launchd, windows or docker").choices(schedulers),
    )
    .argument("[dir]", `folder of the archive (default: ./${defaultFolder})`, `./${defaultFolder}`);
  addConfig(schedule);
  schedule
    .option(
      "--at <HH:MM>",
      "time of this machine; runs begin up to 10 minutes later (default: 03:17)",
      "03:17",
    )
    .option("--user <NAME>", "whom it runs as (default: you)")
    .option(
      "--name <NAME>",
      "what the scheduler calls it; one for each folder (default: sparky-events)",
      "sparky-events",
    )
    .action(async (scheduler: Scheduler, folder: string, { config, at, user, name }) => {
      const { runSchedule } = await import("./commands/schedule/run.js");
      await runSchedule({ scheduler, folder, config, at, user, name }, edges);
    });
}

function describeStandIn(program: Command, edges: Edges): void {
  program
    .command("sandbox")
    .description("Run a stand-in for SparkPost on this machine.")
    .option("--port <N>", "port on 127.0.0.1; 0 for any free one (default: 8025)")
    .option("--events <N>", "number of events, over the last 10 days (default: 100000)")
    .option("--seed <N>", "which events: the same seed makes the same ones (default: 1)")
    .option("--rate-limit <R>", "requests per second; beyond, answers 429")
    .option("--latency <MS>", "milliseconds before each answer (default: 0)")
    .option("--fail-rate <P>", "share of requests that fail, from 0 to 1 (default: 0)")
    .action(async (options: Record<string, string>) => {
      const { runSandbox } = await import("./commands/sandbox/run.js");
      await runSandbox(options, edges);
    });

  program
    .command("demo")
    .description("Export yesterday from that stand-in; needs no key.")
    .action(async () => {
      const { runDemo } = await import("./commands/demo/run.js");
      await runDemo(edges);
    });
}

function describeCompletion(program: Command, edges: Edges): void {
  program
    .command("completion")
    .description("Print a script for the Tab key: bash, zsh or fish.")
    .addArgument(
      new Argument("<shell>", "your shell: bash, zsh or fish").choices(["bash", "zsh", "fish"]),
    )
    .action(async (shell: Shell) => {
      const { runCompletion } = await import("./commands/completion/run.js");
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
      "output file: NAME.csv, NAME.csv.gz, NAME.xlsx for a workbook, or - for standard output",
    );
  addConfig(command);
  for (const setting of outputSettings) {
    addSetting(command, setting);
  }
  command
    .option("--resume", "go on with an interrupted export to the same file, where there is one")
    .option("--force", "replace an existing output file, and begin an interrupted export anew")
    .option("--dry-run", "only ask how many events there are")
    .option("-q, --quiet", "print errors only")
    .option("-v, --verbose", "print each request, all event types, and details of errors")
    .option("--version", "print the version");
  describeConnection(command);
  describeFilters(command);
}

/** What it does has been done when a command line is read. */
function noColor(): Option {
  return new Option("--no-color", "print without colours").helpGroup("Options:");
}

function addConfig(command: Command): void {
  command.option(
    "-c, --config <FILE>",
    helpOf(command, "config") ??
      "ini file (default: ./sparkpost.ini, then ~/.config/sparky-events/)",
  );
}

function describeConnection(command: Command, without: readonly SettingName[] = []): void {
  command.optionsGroup("Connection:");
  for (const setting of connectionSettings.filter((one) => !without.includes(one))) {
    addSetting(command, setting);
  }
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

function addSetting(command: Command, setting: SettingName): void {
  const { option, short, placeholder, shown } = setting;
  if (option === undefined) {
    return;
  }
  const help = helpOf(command, option) ?? setting.help;
  if (shown !== undefined) {
    // Without the other one, what stands in the ini file could not be taken back.
    const against = `not --${shown === "yes" ? "" : "no-"}${option}, whatever sparkpost.ini says`;
    const [yes, no] = shown === "yes" ? [help, against] : [against, help];
    command.addOption(new SettingOption(`--${option}`, yes, setting).hideHelp(shown === "no"));
    command.addOption(new SettingOption(`--no-${option}`, no, setting).hideHelp(shown === "yes"));
    return;
  }
  const flags = `${short ? `-${short}, ` : ""}--${option} <${placeholder}>`;
  const added = new SettingOption(flags, help, setting);
  // Columns have an order and names, so of these the last list counts, as of everything else.
  const isSet = placeholder === "LIST" && option !== mainSettings.properties.option;
  command.addOption(isSet ? added.argParser(joinLists) : added);
}

/** What an option means for this command, where that is something of its own. */
function helpOf(command: Command, option: string): string | undefined {
  return commandGuides[command.name()]?.options?.[option];
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

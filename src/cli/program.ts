import { Command, Option } from "commander";
import { filterSettings, mainSettings, type SettingName } from "../config/setting-names.js";
import { packageVersion } from "../package-version.js";
import type { Edges } from "./edges.js";

/**
 * The command line: names, options and help texts. What a command does is loaded when it runs, so
 * that help needs neither the HTTP nor the CSV side.
 */
export function createProgram(edges: Edges): Command {
  const program = new Command("sparky-events")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => edges.stdout.write(text),
      writeErr: (text) => edges.stderr.write(text),
    })
    .showHelpAfterError("Run sparky-events --help to see what can be asked for.")
    .version(packageVersion(), "--version", "print the version");

  const exportCommand = program
    .command("export", { isDefault: true })
    .description("Write every SparkPost message event of a time range to a CSV file.")
    .configureHelp({ commandUsage: () => "sparky-events <from> [to] [options]" });
  describeExport(exportCommand);
  exportCommand.action(async (from: string, to: string | undefined) => {
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

  program
    .command("sandbox")
    .description("Run a stand-in for SparkPost, to try the tool without an account.")
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
    .description("Export yesterday from a stand-in for SparkPost; needs no key.")
    .action(async () => {
      const { runDemo } = await import("./commands/demo.js");
      await runDemo(edges);
    });

  const exportHelp = exportCommand.helpInformation.bind(exportCommand);
  exportCommand.helpInformation = () => exportHelp() + commandsHelp(program) + examples;
  program.helpInformation = exportCommand.helpInformation;
  return program;
}

function describeExport(command: Command): void {
  command
    .argument("<from>", "start, such as 2026-11-19, yesterday, or 24h for 24 hours ago")
    .argument("[to]", "end, that unit included; may be left out after a day")
    .optionsGroup("Options:")
    .option(
      "-o, --out <FILE>",
      "output file; - is standard output; a name ending in .gz is gzipped",
    )
    .option(
      "-c, --config <FILE>",
      "ini file (default: ./sparkpost.ini, then ~/.config/sparky-events/)",
    );
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
    .helpOption("-h, --help", "print this help")
    .optionsGroup("Filters (a LIST has commas between its items; _ may stand for -):");
  for (const setting of filterSettings) {
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
yesterday, now; or so long ago: 90m, 24h, 7d. SparkPost keeps 10 days.

The API key goes into sparkpost.ini (see sparkpost.example.ini) or into the
environment variable SPARKPOST_API_KEY; lasting settings go there too.

Exit codes: 0 complete, 1 disk full or a bug, 2 command line or settings,
3 key refused, 4 SparkPost not reached, 5 fewer events than SparkPost counted,
130 and 143 interrupted, 141 reader of the pipe gone.
`;

function commandsHelp(program: Command): string {
  const commands = program.commands
    .filter((command) => command.name() !== "export")
    .map((command) => `  ${command.name().padEnd(10)}${command.description()}\n`)
    .join("");
  return `\nOther commands (see sparky-events sandbox --help):\n${commands}`;
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
  command.addOption(new Option(`${short ? `-${short}, ` : ""}--${option} <${placeholder}>`, help));
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

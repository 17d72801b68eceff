import { Argument, Command, Option } from "commander";
import { packageVersion } from "../package-version.js";
import type { Declaration, Given } from "./commands/declaration.js";
import { type LoadedCommand, listedCommands, loadCommands, mainCommand } from "./commands.js";
import { refuseMisspeltCommand, refuseSwallowedOptions } from "./failures/command-line-errors.js";
import { refuseFileNames } from "./failures/refuse-file-names.js";
import type { Entry } from "./help/guide.js";
import { helpLayout, helpWidth } from "./help/layout.js";
import type { Edges } from "./process/edges.js";
import { SettingOption, settingOptions } from "./settings/setting-option.js";

/** The command line, with every command. */
export async function wholeProgram(edges: Edges): Promise<Command> {
  return createProgram(await loadCommands(), edges);
}

/**
 * The command line, with those commands that it may be asked for. What is wrong with it comes as a
 * CommanderError, which nothing has been said of.
 */
export function createProgram(commands: readonly LoadedCommand[], edges: Edges): Command {
  const program: Command = new Command("sparky-events")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => edges.stdout.write(text),
      getOutHelpWidth: () => helpWidth(edges.stdout),
      outputError() {},
    })
    .helpOption("-h, --help", "print this help")
    .hook("preAction", (_, command) => refuseMistakes(command))
    .version(packageVersion(), "--version", "print the version")
    // In front of a command too.
    .addOption(noColor().hideHelp());
  for (const loaded of commands) {
    addCommand(program, loaded, edges);
  }
  const main = program.commands.find((command) => command.name() === mainCommand);
  if (main) {
    program.helpInformation = (context) => main.helpInformation(context);
  }
  return program;
}

function addCommand(program: Command, loaded: LoadedCommand, edges: Edges): void {
  const { name, description, declaration } = loaded;
  const isMain = name === mainCommand;
  const command = program
    .command(name, { isDefault: isMain })
    .description(description)
    .configureHelp({
      ...helpLayout(declaration, isMain ? overview() : []),
      ...(isMain ? { commandUsage: () => `sparky-events ${usageOf(name)} [options]` } : {}),
    })
    .allowExcessArguments(declaration.takesMoreWords ?? false);
  for (const [word, declared] of Object.entries(declaration.arguments)) {
    const { required, several, help, choices } = declared;
    const name = several ? `${word}...` : word;
    const argument = new Argument(required ? `<${name}>` : `[${name}]`, help);
    command.addArgument(choices ? argument.choices(choices) : argument);
  }
  const own = ownOptions(declaration);
  for (const option of optionsOf(declaration, own)) {
    command.addOption(option);
  }
  command.action(async () => {
    const given = givenOf(command, declaration, own);
    const run = await loaded.run();
    await run(given as never, edges, () => wholeProgram(edges));
  });
}

/** The other commands, as the help of the main one lists them. */
function overview(): Entry[] {
  return listedCommands
    .filter(({ name }) => name !== mainCommand)
    .map(({ name, description }) => [`${name} ${usageOf(name)}`.trimEnd(), description]);
}

function usageOf(name: string): string {
  return listedCommands.find((command) => command.name === name)?.usage ?? "";
}

/** Options that are no settings, by the name that the command has for them. */
function ownOptions({ options }: Declaration): ReadonlyMap<string, Option> {
  return new Map(
    Object.entries(options).flatMap(([name, declared]) => {
      if (!("flags" in declared)) {
        return [];
      }
      const option = new Option(declared.flags, declared.help);
      return [[name, declared.choices ? option.choices(declared.choices as string[]) : option]];
    }),
  );
}

/** All options of a command, in the order of its help. */
function optionsOf(
  { options, settingGroups = [] }: Declaration,
  own: ReadonlyMap<string, Option>,
): Option[] {
  return [
    ...Object.entries(options).flatMap(([name, declared]) =>
      "flags" in declared ? (own.get(name) ?? []) : settingOptions(declared),
    ),
    ...settingGroups.flatMap(({ title, settings }) =>
      settings.flatMap(settingOptions).map((option) => option.helpGroup(title)),
    ),
    noColor(),
  ];
}

/** What it does has been done when a command line is read. */
function noColor(): Option {
  return new Option("--no-color", "print without colours");
}

function givenOf(
  command: Command,
  declaration: Declaration,
  own: ReadonlyMap<string, Option>,
): Given<Record<never, never>, Record<never, never>> {
  const names = Object.keys(declaration.arguments);
  const given = (option: Option): unknown => command.getOptionValue(option.attributeName());
  return {
    ...Object.fromEntries(names.map((name, index) => [name, command.processedArgs[index]])),
    ...Object.fromEntries([...own].map(([name, option]) => [name, given(option)])),
    words: command.args,
    settings: Object.fromEntries(
      command.options
        .filter((option) => option instanceof SettingOption && !option.negate)
        .map((option) => [option.name(), settingText(given(option))]),
    ),
  };
}

function settingText(value: unknown): string | undefined {
  return typeof value === "boolean" ? (value ? "yes" : "no") : (value as string | undefined);
}

/** What the parser lets through, and nobody can mean. */
async function refuseMistakes(command: Command): Promise<void> {
  refuseSwallowedOptions(command);
  await refuseFileNames(command);
  if (command.name() === mainCommand) {
    refuseMisspeltCommand(
      command.args[0] ?? "",
      listedCommands.map(({ name }) => name),
    );
  }
}

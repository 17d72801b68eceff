import type { Argument, Command, Option } from "commander";
import { bounceCategories } from "../../catalog/bounce-class-codes.js";
import { bounceClasses, eventProperties, eventTypes } from "../../catalog/event-catalog.js";
import { mainSettings } from "../../config/setting-names.js";
import { timestampFormats } from "../../csv/csv-layout.js";
import { timeZoneNames } from "../../time/zone.js";
import { refuseAbsentOutput } from "../absent-output.js";
import {
  type CommandSpec,
  type CompletionSpec,
  completionScript,
  type OptionSpec,
  type Shell,
  type ValueSpec,
} from "../completion-script.js";
import type { Edges } from "../edges.js";

/** Prints the script that completes what the program, as it is defined, can be asked for. */
export function runCompletion(shell: Shell, program: Command, { stdout }: Edges): void {
  refuseAbsentOutput();
  stdout.writeExact(completionScript(shell, describeProgram(program)));
}

const commonWords = {
  types: eventTypes.map(({ type }) => type),
  properties: Object.keys(eventProperties),
  zones: timeZoneNames,
  bounce_classes: [...bounceCategories, ...bounceClasses.map(({ code }) => String(code))],
  timestamp_formats: timestampFormats,
  delimiters: ["comma", "semicolon", "pipe", "tab"],
  times: ["today", "yesterday", "now", "1h", "24h", "7d"],
};

const values: Readonly<Record<string, ValueSpec>> = {
  [mainSettings.events.option]: { kind: "list", words: "types" },
  [mainSettings.properties.option]: { kind: "list", words: "properties" },
  [mainSettings.timezone.option]: { kind: "word", words: "zones" },
  "timestamp-format": { kind: "word", words: "timestamp_formats" },
  [mainSettings.csvDelimiter.option]: { kind: "word", words: "delimiters" },
  "bounce-classes": { kind: "list", words: "bounce_classes" },
  out: { kind: "file" },
  config: { kind: "file" },
};

const args: Readonly<Record<string, string>> = { from: "times", to: "times", type: "types" };

function describeProgram(program: Command): CompletionSpec {
  const words: Record<string, readonly string[]> = { ...commonWords };
  const help = program.createHelp();
  const describe = (command: Command): CommandSpec => ({
    name: command.name(),
    description: command.description(),
    options: help.visibleOptions(command).map((option) => describeOption(option, words)),
    args: command.registeredArguments.map((argument) => wordsOf(argument, words)),
  });
  const commands = help.visibleCommands(program).filter((command) => command.name() !== "help");
  const main = commands.find((command) => command.name() === "export") ?? program;
  return {
    main: describe(main),
    commands: commands.filter((command) => command !== main).map(describe),
    words,
  };
}

function describeOption(option: Option, words: Record<string, readonly string[]>): OptionSpec {
  const flags = [option.short, option.long].filter((flag) => flag !== undefined);
  const { description } = option;
  if (option.isBoolean() || !(option.required || option.optional)) {
    return { flags, description };
  }
  if (option.argChoices) {
    const name = wordName(option.name());
    words[name] = option.argChoices;
    return { flags, description, value: { kind: "word", words: name } };
  }
  return { flags, description, value: values[option.name()] ?? { kind: "any" } };
}

function wordsOf(argument: Argument, words: Record<string, readonly string[]>): string | undefined {
  if (argument.argChoices) {
    const name = wordName(argument.name());
    words[name] = argument.argChoices;
    return name;
  }
  return args[argument.name()];
}

function wordName(name: string): string {
  return name.replaceAll("-", "_");
}

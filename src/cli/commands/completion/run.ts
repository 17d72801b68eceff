import type { Argument, Command, Option } from "commander";
import { defaultHost } from "../../../api/origin.js";
import { bounceCategories } from "../../../catalog/bounce-class-codes.js";
import { bounceClasses, eventProperties, eventTypes } from "../../../catalog/event-catalog.js";
import { mainSettings } from "../../../config/setting-names.js";
import { wholeEvent } from "../../../csv/whole-event.js";
import { timeZoneNames } from "../../../time/zone.js";
import { refuseAbsentOutput } from "../../process/absent-output.js";
import type { Edges } from "../../process/edges.js";
import { SettingOption } from "../../settings/setting-option.js";
import type { CompletionGiven } from "./command.js";
import {
  type CommandSpec,
  type CompletionSpec,
  completionScript,
  type OptionSpec,
  type ValueSpec,
} from "./script.js";

/** Prints the script that completes what the program, as it is defined, can be asked for. */
export async function runCompletion(
  { shell }: CompletionGiven,
  { stdout }: Edges,
  program: () => Promise<Command>,
): Promise<void> {
  refuseAbsentOutput();
  stdout.writeExact(completionScript(shell, describeProgram(await program())));
}

const commonWords = {
  types: eventTypes.map(({ type }) => type),
  properties: [...Object.keys(eventProperties), wholeEvent.name],
  zones: timeZoneNames,
  hosts: [defaultHost, "api.eu.sparkpost.com"],
  bounce_classes: [...bounceCategories, ...bounceClasses.map(({ code }) => String(code))],
  times: ["today", "yesterday", "now", "1h", "24h", "7d"],
};

/** Values of settings that may be others too, by option. */
const openSettings: Readonly<Record<string, ValueSpec>> = {
  [mainSettings.events.option]: { kind: "list", words: "types" },
  [mainSettings.properties.option]: { kind: "list", words: "properties" },
  [mainSettings.timezone.option]: { kind: "word", words: "zones" },
  [mainSettings.host.option]: { kind: "word", words: "hosts" },
  "bounce-classes": { kind: "list", words: "bounce_classes" },
};

/** Values of options that are no settings, and of arguments, by name. */
const others: Readonly<Record<string, ValueSpec>> = {
  out: { kind: "file" },
  config: { kind: "file" },
  from: { kind: "word", words: "times" },
  to: { kind: "word", words: "times" },
  type: { kind: "word", words: "types" },
  dir: { kind: "folder" },
};

function describeProgram(program: Command): CompletionSpec {
  const words: Record<string, readonly string[]> = { ...commonWords };
  const help = program.createHelp();
  const describe = (command: Command): CommandSpec => ({
    name: command.name(),
    description: command.description(),
    options: [
      ...help.visibleOptions(command),
      // Help shows one of two; whoever presses the Tab key may want the other.
      ...command.options.filter(({ hidden }) => hidden),
    ].map((option) => describeOption(option, command, words)),
    args: command.registeredArguments.map((argument) => valueSpecOf(argument, command, words)),
  });
  const commands = help.visibleCommands(program).filter((command) => command.name() !== "help");
  const main = commands.find((command) => command.name() === "export") ?? program;
  return {
    main: describe(main),
    commands: commands.filter((command) => command !== main).map(describe),
    words,
  };
}

function describeOption(
  option: Option,
  command: Command,
  words: Record<string, readonly string[]>,
): OptionSpec {
  const flags = [option.short, option.long].filter((flag) => flag !== undefined);
  const { description } = option;
  return option.isBoolean() || !(option.required || option.optional)
    ? { flags, description }
    : { flags, description, value: valueSpecOf(option, command, words) };
}

function valueSpecOf(
  described: Option | Argument,
  command: Command,
  words: Record<string, readonly string[]>,
): ValueSpec {
  const name = described.name();
  const setting = described instanceof SettingOption ? described.setting : undefined;
  const choices = setting?.values ?? described.argChoices;
  if (choices) {
    // Commands may have different choices under the same name.
    const list = [...(setting ? [] : [command.name()]), name].join("_").replaceAll("-", "_");
    words[list] = choices;
    return { kind: "word", words: list };
  }
  return (setting ? openSettings : others)[name] ?? { kind: "any" };
}

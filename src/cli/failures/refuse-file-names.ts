import { existsSync } from "node:fs";
import type { Command } from "commander";
import { mainSettings } from "../../config/setting-names.js";
import { wholeEvent } from "../../csv/whole-event.js";
import { UsageError } from "../../errors.js";

/**
 * Refuses arguments and columns that are names of files here: a shell puts those in the place of a
 * `*` without quotes.
 *
 * @throws UsageError
 */
export async function refuseFileNames(command: Command): Promise<void> {
  const { properties, ...filters } = listsOf(command);
  if (properties !== undefined && isNameHere(properties)) {
    await refuseFileAsColumn(properties);
  }
  const most = command.registeredArguments.length;
  if (command.registeredArguments.at(-1)?.variadic) {
    return;
  }
  const takesTimes = command.registeredArguments[0]?.name() === "from";
  const name = command.args.find(
    (argument, index) =>
      isNameHere(argument) && (takesTimes ? !isTime.test(argument) : index >= most),
  );
  if (name === undefined) {
    return;
  }
  const [filter] = Object.keys(filters).filter((option) => isNameHere(filters[option] ?? ""));
  const remedy = filter
    ? `To search for all, leave --${filter} out.`
    : properties
      ? `Put such a list into quotes: --properties '${properties.replace(/[,\s]*$/, "")}, *'`
      : "For example: sparky-events yesterday";
  const instead = takesTimes ? "no time" : `one folder is all that ${command.name()} takes`;
  throw new UsageError(`${name} is the name of a file here, and ${instead}.`, {
    hint: `A shell puts the names of files in the place of a * without quotes. ${remedy}`,
  });
}

/** The lists that are given on the command line, by option name. */
function listsOf(command: Command): Readonly<Record<string, string>> {
  return Object.fromEntries(
    command.options
      .filter(({ flags }) => flags.endsWith("<LIST>"))
      .map((option) => [option.name(), command.getOptionValue(option.attributeName())])
      .filter(([, value]) => value !== undefined),
  );
}

async function refuseFileAsColumn(name: string): Promise<void> {
  const { eventProperties } = await import("../../catalog/event-catalog.js");
  if (name !== wholeEvent.name && !Object.hasOwn(eventProperties, name)) {
    throw new UsageError(
      `--${mainSettings.properties.option}: ${name} is the name of a file here; a shell puts such names in the place of a * without quotes.`,
      {
        hint: `Write --properties '*' for all, --properties @${name} for the columns that ${name} lists, or --properties '"${name}"' for a property of that name.`,
      },
    );
  }
}

/** What a shell puts in the place of a `*` has no folder in it, and no dot in front. */
function isNameHere(text: string): boolean {
  return /^[^./\\][^/\\]*$/.test(text) && existsSync(text);
}

/** A file may have the name of a time. */
const isTime =
  /^(now|today|yesterday|\d+[a-z]+|\d{4}-\d{2}-\d{2}(T[\d:]+)?(Z|[+-]\d{2}:?\d{2})?)$/i;

import type { Command } from "commander";
import { otherNames } from "../../config/setting-names.js";
import { UsageError } from "../../errors.js";
import { nearest } from "../../nearest.js";

const delimiterHint =
  "In a shell, ; and | without quotes end the command. Write comma, semicolon, pipe or tab.";

/**
 * Adds to commander's message about an option what to type instead, where that is known.
 *
 * @param commands all there are
 */
export function explain(message: string, commands: readonly Command[]): string {
  return message
    .replace(/^error: option '--csv-delimiter .*' argument missing$/m, `$&\n${delimiterHint}`)
    .replace(
      /^error: unknown option '([^'=]*)(=[^']*)?'$(\n\(Did you mean .*)?/m,
      // What stands behind the = may be a key.
      (whole, flag: string, value: string | undefined, similar: string | undefined) => {
        const meant = optionHint(flag);
        if (similar !== undefined && meant === undefined) {
          return whole;
        }
        const hint = meant ?? knownElsewhereHint(flag, value !== undefined, commands);
        const what =
          value === undefined
            ? `unknown option '${flag}'`
            : `option '${flag}' is unknown, or takes no value`;
        return `error: ${what}${hint ? `\n${hint}` : ""}`;
      },
    );
}

function optionHint(flag: string): string | undefined {
  if (/^-\d/.test(flag)) {
    return `So long ago is written without a dash: ${flag.slice(1)}`;
  }
  const name = flag.replaceAll("-", "").toLowerCase();
  const setting = otherNames.get(name);
  if (name === "authorization" || setting?.key === "Authorization") {
    return "The key does not belong on a command line, where others can read it: put it into sparkpost.ini or SPARKPOST_API_KEY.";
  }
  if (["from", "to", "start", "end", "since", "until"].includes(name)) {
    return "Times are written without an option: sparky-events 2026-11-17 2026-11-19";
  }
  return setting?.option && `(Did you mean --${setting.option}?)`;
}

function knownElsewhereHint(
  flag: string,
  hasValue: boolean,
  commands: readonly Command[],
): string | undefined {
  const knowing = commands.filter(({ options }) =>
    options.some((option) => isFlagOf(flag, option)),
  );
  const [known] = knowing.flatMap(({ options }) =>
    options.filter((option) => isFlagOf(flag, option)),
  );
  if (known === undefined) {
    return undefined;
  }
  return hasValue && !known.required
    ? `Write ${flag} without a value.`
    : `Of all commands, ${knowing.map((command) => command.name()).join(", ")} take it; leave it out here.`;
}

/**
 * An option that lacks its value takes the next option for it.
 *
 * @throws UsageError naming both
 */
export function refuseSwallowedOptions(command: Command): void {
  for (const option of command.options) {
    const value: unknown = command.getOptionValue(option.attributeName());
    if (typeof value === "string" && command.options.some((other) => isFlagOf(value, other))) {
      throw new UsageError(`${option.long} has no value: the option ${value} follows it.`, {
        hint: `Write ${option.flags}.`,
      });
    }
  }
}

function isFlagOf(text: string, { short, long }: Command["options"][number]): boolean {
  return text === short || text.split("=", 1)[0] === long;
}

/**
 * The first of the times of an export, which is no command that somebody has misspelt.
 *
 * @param commands names of all
 * @throws UsageError where it is one
 */
export function refuseMisspeltCommand(first: string, commands: readonly string[]): void {
  const meant = nearest(first, [...commands, "today", "yesterday"]);
  if (meant !== undefined && commands.includes(meant)) {
    throw noSuchCommand(first, commands);
  }
}

/** @throws UsageError where there are more than two ends of a range */
export function refuseMoreTimes(args: readonly string[]): void {
  if (args.length > 2) {
    const [date, time] = args;
    throw new UsageError(
      `Two times are expected, from and to, and there are ${args.length} arguments: ${args.join(" ")}`,
      {
        hint: args.some((argument) => /^\d{1,2}:\d{2}/.test(argument))
          ? `Join date and time with a T, without a space: ${date}T${time}`
          : "For example: sparky-events 2026-11-17 2026-11-19. A value that contains spaces needs quotes.",
      },
    );
  }
}

/** @throws UsageError where there are several */
export function refuseMoreFolders(args: readonly string[]): void {
  if (args.length > 1) {
    throw new UsageError(
      `One folder is expected, and there are ${args.length} arguments: ${args.join(" ")}`,
      { hint: "A value that contains spaces needs quotes." },
    );
  }
}

/** @param commands names of all */
export function noSuchCommand(name: string, commands: readonly string[]): UsageError {
  const meant = nearest(name, commands);
  return new UsageError(`There is no command ${name}.`, {
    hint: meant ? `Did you mean sparky-events ${meant}?` : "For all of them: sparky-events --help",
  });
}

import type { Argument, Command, Option } from "commander";
import type { Entry, Guide } from "./guide.js";
import { environment, files } from "./surroundings.js";

/** A program, and what its help tells besides arguments and options. */
export interface Documented {
  readonly program: Command;
  /** Name of the command that runs where none is named. */
  readonly mainCommand: string;
  readonly guideOf: (name: string) => Guide | undefined;
}

/**
 * The manual of a program, in roff with the man macros, from what its help is made of.
 *
 * @param date of this version, such as 2026-11-19
 */
export function manPage(
  { program, mainCommand, guideOf }: Documented,
  version: string,
  date: string,
): string {
  const name = program.name();
  const main = program.commands.find((command) => command.name() === mainCommand) ?? program;
  const others = program.commands.filter((command) => command !== main);
  const guide = guideOf(mainCommand);
  const lines = [
    `.TH ${quoted(name.toUpperCase())} 1 ${date} ${quoted(`${name} ${version}`)} "User Commands"`,
    // Examples and options are typed as they stand, so no word is cut in two.
    ".nh",
    ".ad l",
    ".SH NAME",
    `${escaped(name)} \\- ${escaped("export SparkPost message events, complete or with a clear word")}`,
    ".SH SYNOPSIS",
    ...[main, ...others].flatMap((command, index) => [
      ...(index > 0 ? [".br"] : []),
      synopsis(command, command === main ? name : fullName(command, program)),
    ]),
    ".SH DESCRIPTION",
    ...textLines(main.description()),
    ...(guide?.topics ?? []).flatMap(({ title, text }) => [
      `.SS ${quoted(title)}`,
      ...paragraphs(text),
    ]),
    ".SH ARGUMENTS",
    ...argumentItems(main),
    ".SH OPTIONS",
    ...optionItems(main, program),
    ".SH COMMANDS",
    ...others.flatMap((command) => commandSection(command, guideOf(command.name()), main, program)),
    ".SH EXAMPLES",
    ...items(guide?.examples ?? []),
    ".SH EXIT STATUS",
    ...items(guide?.exitCodes ?? []),
    ".SH FILES",
    ...items(files),
    ".SH ENVIRONMENT",
    ...items(environment),
  ];
  return `${lines.join("\n")}\n`;
}

function commandSection(
  command: Command,
  guide: Guide | undefined,
  main: Command,
  program: Command,
): string[] {
  const described = new Map(
    optionsOf(main, program).map((option) => [option.long, option.description]),
  );
  const options = optionsOf(command, program);
  const asAbove = options.filter(({ long, description }) => described.get(long) === description);
  return [
    `.SS ${quoted(command.name())}`,
    synopsis(command, fullName(command, program)),
    ".PP",
    ...textLines(command.description()),
    ...argumentItems(command),
    ...options.filter((option) => !asAbove.includes(option)).flatMap(optionItem),
    ".PP",
    ...textLines(
      `As above: ${asAbove.map(({ short, long }) => [short, long].filter(Boolean).join(", ")).join("; ")}.`,
    ),
    ...(guide
      ? [".PP", "Examples:", ...items(guide.examples), ".PP", "Exit status:"].concat(
          items(guide.exitCodes),
        )
      : []),
  ];
}

function synopsis(command: Command, words: string): string {
  const args = command.registeredArguments.map((argument) => {
    const name = `\\fI${escaped(argument.name())}\\fR`;
    return argument.required ? name : `[${name}]`;
  });
  return [`\\fB${escaped(words)}\\fR`, ...args, "[\\fIoptions\\fR]"].join(" ");
}

function fullName(command: Command, program: Command): string {
  return `${program.name()} ${command.name()}`;
}

/** In the order of help, where those that help does not show stand beside their opposites. */
function optionsOf(command: Command, program: Command): Option[] {
  const help = program.createHelp();
  const shown = help.visibleOptions(command);
  return [...shown, ...command.options.filter((option) => !shown.includes(option))];
}

function optionItems(command: Command, program: Command): string[] {
  const groups = new Map<string, Option[]>();
  for (const option of optionsOf(command, program)) {
    const group = option.hidden ? "To take back what sparkpost.ini says:" : option.helpGroupHeading;
    const title = (group ?? "Options:").replace(/:$/, "");
    groups.set(title, [...(groups.get(title) ?? []), option]);
  }
  return [...groups].flatMap(([title, options]) => [
    ...(title === "Options" ? [] : [`.SS ${quoted(title)}`]),
    ...options.flatMap(optionItem),
  ]);
}

function optionItem({ short, long, flags, description }: Option): string[] {
  const [, value] = /<(.*)>/.exec(flags) ?? [];
  const names = [short, long].flatMap((name) => (name ? [`\\fB${escaped(name)}\\fR`] : []));
  const term = names.join(", ") + (value === undefined ? "" : ` \\fI${escaped(value)}\\fR`);
  return [".TP", term, ...textLines(description)];
}

function argumentItems(command: Command): string[] {
  return command.registeredArguments.flatMap((argument: Argument) => [
    ".TP",
    `\\fI${escaped(argument.name())}\\fR`,
    ...textLines(argument.description),
  ]);
}

function items(entries: readonly Entry[]): string[] {
  return entries.flatMap(([term, meaning]) => [
    ".TP",
    `\\fB${escaped(term)}\\fR`,
    ...textLines(meaning),
  ]);
}

/** A title stands in front, so only those behind the first begin with a macro. */
function paragraphs(text: string): string[] {
  return text
    .split("\n")
    .flatMap((paragraph, index) => [...(index > 0 ? [".PP"] : []), ...textLines(paragraph)]);
}

/** Text as lines that roff takes for no request. */
function textLines(text: string): string[] {
  return text.split("\n").map((line) => escaped(line).replace(/^(?=[.'])/, "\\&"));
}

/** Text between quotes, as an argument of a macro. */
function quoted(text: string): string {
  return `"${escaped(text)}"`;
}

const names: Readonly<Record<string, string>> = {
  "\\": "\\(rs",
  // As typed: roff would make typographic ones of these.
  "-": "\\-",
  "'": "\\(aq",
  '"': "\\(dq",
  "`": "\\(ga",
  "^": "\\(ha",
  "~": "\\(ti",
};

function escaped(text: string): string {
  return text.replaceAll(
    /[\\'"`^~-]|[^\n\x20-\x7e]/gu,
    (character) =>
      names[character] ??
      `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`,
  );
}

import { type Command, Help, type HelpConfiguration } from "commander";
import type { Screen } from "../terminal/screen.js";
import { wrap } from "../terminal/wrap.js";
import { commandGuides, type Entry, mainCommand, type Topic } from "./command-guides.js";

const usualWidth = 80;
/** Longer lines are hard to read. */
const widest = 100;
const indent = 2;
const gap = 2;
/** A narrower description stands below its term. */
const leastBeside = 26;
const indentBelow = 6;

/** Cells that a line of help may take on a screen, and as usual where its width is not known. */
export function helpWidth({ isTTY, columns }: Screen): number {
  return isTTY && columns ? Math.min(columns, widest) : usualWidth;
}

/** How help is laid out, for every command. */
export const helpLayout: HelpConfiguration = {
  minWidthToWrap: 1,
  // Choices and defaults are part of the texts.
  optionDescription: ({ description }) => description,
  argumentDescription: ({ description }) => description,
  formatItem: (term, termWidth, description, helper) =>
    formatItem([term, description], termWidth, helper.helpWidth ?? usualWidth),
  formatHelp: (command, helper) => {
    const width = helper.helpWidth ?? usualWidth;
    const options = Help.prototype.formatHelp.call(helper, command, helper).trimEnd();
    return `${wrap([options, ...sectionsOf(command, width)].join("\n\n"), width)}\n`;
  },
};

function sectionsOf(command: Command, width: number): string[] {
  const guide = commandGuides[command.name()];
  const others = command.parent?.commands.filter((other) => other !== command) ?? [];
  return [
    ...(command.name() === mainCommand
      ? [
          formatEntries(
            "Other commands (sparky-events COMMAND --help tells more):",
            others.map((other) => [commandTerm(other), other.description()]),
            width,
          ),
        ]
      : []),
    ...(guide ? [formatEntries("Examples:", guide.examples, width)] : []),
    ...(guide?.topics ?? []).map((topic) => formatTopic(topic, width)),
    ...(guide ? [formatEntries("Exit codes:", guide.exitCodes, width)] : []),
  ];
}

/** A command and its arguments. */
function commandTerm(command: Command): string {
  const args = command.registeredArguments.map((argument) =>
    argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
  );
  return [command.name(), ...args].join(" ");
}

/** Terms and their meanings side by side, or one below the other where there is little room. */
export function formatEntries(title: string, entries: readonly Entry[], width: number): string {
  const termWidth = Math.max(...entries.map(([term]) => term.length));
  return [title, ...entries.map((entry) => formatItem(entry, termWidth, width))].join("\n");
}

function formatItem([term, meaning]: Entry, termWidth: number, width: number): string {
  // A command that fits is not cut, so that it can be copied.
  const fits = indent + term.length <= width;
  const start = indented(fits ? term : wrap(term, width - indentBelow), indent + gap).slice(gap);
  if (!meaning) {
    return start;
  }
  const column = indent + termWidth + gap;
  return width - column < leastBeside
    ? `${start}\n${indented(wrap(meaning, width - indentBelow), indentBelow)}`
    : start.padEnd(column) + indented(wrap(meaning, width - column), column).trimStart();
}

function formatTopic({ title, text }: Topic, width: number): string {
  return `${title}:\n${indented(wrap(text, width - indent), indent)}`;
}

function indented(text: string, by: number): string {
  return text.replaceAll(/^(?=.)/gm, " ".repeat(by));
}

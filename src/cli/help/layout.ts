import { Help, type HelpConfiguration } from "commander";
import type { Screen } from "../terminal/screen.js";
import { wrap } from "../terminal/wrap.js";
import type { Entry, Guide, Topic } from "./guide.js";

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

/**
 * How the help of a command is laid out.
 *
 * @param others the other commands, where it tells of them
 */
export function helpLayout(guide: Guide, others: readonly Entry[]): HelpConfiguration {
  return {
    minWidthToWrap: 1,
    // Choices and defaults are part of the texts.
    optionDescription: ({ description }) => description,
    argumentDescription: ({ description }) => description,
    formatItem: (term, termWidth, description, helper) =>
      formatItem([term, description], termWidth, helper.helpWidth ?? usualWidth),
    formatHelp: (command, helper) => {
      const width = helper.helpWidth ?? usualWidth;
      const options = Help.prototype.formatHelp.call(helper, command, helper).trimEnd();
      const sections = [options, ...sectionsOf(guide, others, width)];
      return `${wrap(sections.join("\n\n"), width)}\n`;
    },
  };
}

function sectionsOf(guide: Guide, others: readonly Entry[], width: number): string[] {
  const { examples, topics = [], exitCodes } = guide;
  return [
    ...(others.length > 0
      ? [formatEntries("Other commands (sparky-events COMMAND --help tells more):", others, width)]
      : []),
    formatEntries("Examples:", examples, width),
    ...topics.map((topic) => formatTopic(topic, width)),
    formatEntries("Exit codes:", exitCodes, width),
  ];
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

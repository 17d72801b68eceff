import { Help } from "commander";
import { harmless } from "./harmless.js";
import type { Screen } from "./screen.js";
import { withoutMarks } from "./style.js";

/** Breaks lines between words, as help texts are; a word longer than a line stays whole. */
export function wrap(text: string, width: number): string {
  const help = new Help();
  // Narrow columns too.
  help.minWidthToWrap = 1;
  help.displayWidth = (line) => withoutMarks(line).length;
  return help.boxWrap(harmless(text), width);
}

/** Text for a screen: wrapped for a terminal, as it is for a file or a pipe. */
export function wrapFor(
  { isTTY, columns = 0 }: Pick<Screen, "isTTY" | "columns">,
  text: string,
): string {
  return isTTY && columns > 0 ? wrap(text, columns) : text;
}

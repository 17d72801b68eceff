import { Help } from "commander";

/** Breaks lines between words, as help texts are; a word longer than a line stays whole. */
export function wrap(text: string, width: number): string {
  const help = new Help();
  // Narrow columns too.
  help.minWidthToWrap = 1;
  return help.boxWrap(text, width);
}

/** Text for a stream: wrapped for a terminal, as it is for a file or a pipe. */
export function wrapFor(stream: NodeJS.WriteStream, text: string): string {
  return stream.isTTY && stream.columns > 0 ? wrap(text, stream.columns) : text;
}

import type { Edges } from "./edges.js";

export interface Style {
  red(text: string): string;
  yellow(text: string): string;
  green(text: string): string;
  dim(text: string): string;
  bold(text: string): string;
}

/** Colours on a terminal, plain text elsewhere and where `NO_COLOR` is set (no-color.org). */
export function createStyle(stream: NodeJS.WriteStream, env: Edges["env"]): Style {
  const colored = stream.isTTY && !env.NO_COLOR && env.TERM !== "dumb";
  const paint = (code: number) => (text: string) =>
    colored ? `\u001b[${code}m${text}\u001b[0m` : text;
  return { red: paint(31), yellow: paint(33), green: paint(32), dim: paint(2), bold: paint(1) };
}

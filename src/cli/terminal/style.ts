export interface Style {
  red(text: string): string;
  yellow(text: string): string;
  green(text: string): string;
  dim(text: string): string;
  bold(text: string): string;
}

/**
 * Stands where a style begins or ends, before a digit for which one. It becomes an escape sequence
 * after all others were taken out; nobody outside this process can know it, and paint with it.
 */
let secretMark: string | undefined;

/** SGR parameters (ECMA-48, 8.3.117), by digit. */
const parameters = { plain: 0, bold: 1, dim: 2, red: 31, green: 32, yellow: 33 };
const names = Object.keys(parameters) as (keyof typeof parameters)[];

/** Colours on a terminal, plain text elsewhere and where `NO_COLOR` is set (no-color.org). */
export function createStyle(
  { isTTY }: { readonly isTTY: boolean },
  env: Readonly<Record<string, string | undefined>>,
): Style {
  const colored = isTTY && !env.NO_COLOR && env.TERM !== "dumb";
  const paint = (name: keyof typeof parameters) => (text: string) =>
    colored ? markOf(name) + text + markOf("plain") : text;
  return {
    red: paint("red"),
    yellow: paint("yellow"),
    green: paint("green"),
    dim: paint("dim"),
    bold: paint("bold"),
  };
}

function markOf(name: keyof typeof parameters): string {
  // Private characters: no white space, and none that is taken out.
  secretMark ??= String.fromCharCode(
    ...crypto.getRandomValues(new Uint16Array(8)).map((number) => 0xe000 + (number % 0x1900)),
  );
  return secretMark + names.indexOf(name);
}

/** Puts the escape sequences of its style in place of each mark. */
export function paintMarks(text: string): string {
  return replaceMarks(text, (name) => `\u001b[${parameters[name]}m`);
}

export function withoutMarks(text: string): string {
  return replaceMarks(text, () => "");
}

function replaceMarks(text: string, replacement: (name: keyof typeof parameters) => string) {
  return secretMark === undefined
    ? text
    : text.replaceAll(new RegExp(`${secretMark}([0-5])`, "g"), (_, digit: string) =>
        replacement(names[Number(digit)] ?? "plain"),
      );
}

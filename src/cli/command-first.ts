import type { Command, Option } from "commander";
import { noSuchCommand } from "./failures/command-line-errors.js";

/**
 * A command line whose command stands in front of its options: `--config x.ini sync` becomes
 * `sync --config x.ini`, and `help sync` becomes `sync --help`.
 *
 * @throws UsageError where help is wanted of what is no command
 */
export function commandFirst(argv: readonly string[], program: Command): readonly string[] {
  const options = program.commands.flatMap((command) => command.options);
  let index = 0;
  for (let word = argv[0]; word?.startsWith("-") && word !== "--"; word = argv[index]) {
    index += takesNextWord(word, options) ? 2 : 1;
  }
  const [name, ...rest] = argv.slice(index);
  if (name === "help" && rest[0] !== undefined) {
    if (!isCommand(rest[0], program)) {
      throw noSuchCommand(rest[0], program);
    }
    return [rest[0], "--help"];
  }
  return name !== undefined && isCommand(name, program)
    ? [name, ...argv.slice(0, index), ...rest]
    : argv;
}

function isCommand(word: string, program: Command): boolean {
  return program.commands.some((command) => command.name() === word);
}

function takesNextWord(word: string, options: readonly Option[]): boolean {
  if (word.startsWith("--")) {
    return options.some(({ long, required }) => required && long === word);
  }
  // Of `-qo`, the last letter does; in `-ofile`, the value is there already.
  const letters = [...word.slice(1)];
  const first = letters.findIndex((letter) =>
    options.some(({ short, required }) => required && short === `-${letter}`),
  );
  return first !== -1 && first === letters.length - 1;
}

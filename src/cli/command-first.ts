import type { Command, Option } from "commander";
import { noSuchCommand } from "./failures/command-line-errors.js";

/**
 * A command line whose command stands in front of its options: `--config x.ini sync` becomes
 * `sync --config x.ini`, and `help sync` becomes `sync --help`.
 *
 * @param names of all commands
 * @param program knows which options have values; few command lines need it
 * @throws UsageError where help is wanted of what is no command
 */
export async function commandFirst(
  argv: readonly string[],
  names: readonly string[],
  program: () => Promise<Command>,
): Promise<readonly string[]> {
  const index = await firstArgument(argv, program);
  const [name, ...rest] = argv.slice(index);
  if (name === "help" && rest[0] !== undefined) {
    if (!names.includes(rest[0])) {
      throw noSuchCommand(rest[0], names);
    }
    return [rest[0], "--help"];
  }
  return name !== undefined && names.includes(name)
    ? [name, ...argv.slice(0, index), ...rest]
    : argv;
}

/** Place of the first word that is neither an option nor the value of one. */
async function firstArgument(
  argv: readonly string[],
  program: () => Promise<Command>,
): Promise<number> {
  if (!argv[0]?.startsWith("-")) {
    return 0;
  }
  const options = (await program()).commands.flatMap((command) => command.options);
  let index = 0;
  let word = argv[index];
  while (word?.startsWith("-") && word !== "--") {
    index += takesNextWord(word, options) ? 2 : 1;
    word = argv[index];
  }
  return argv[index] === "--" ? index + 1 : index;
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

import { CommanderError } from "commander";
import { type LoadedCommand, listedCommands, loadCommand, mainCommand } from "./commands.js";
import { helpWidth } from "./help/layout.js";
import type { Edges } from "./process/edges.js";
import { createProgram, wholeProgram } from "./program.js";
import { hideKey } from "./settings/hide-key.js";

/**
 * Runs one command line.
 *
 * @param argv arguments after the name of the command
 * @returns the exit code
 */
export async function main(argv: readonly string[], edges: Edges): Promise<number> {
  // Whoever types it in the place of a time is not to find it in a log.
  hideKey(edges.env.SPARKPOST_API_KEY?.trim() ?? "", edges);
  if (argv.length === 0) {
    // Nothing is exported, so a job whose arguments got lost must not look like a success.
    const { firstSteps } = await import("./help/first-steps.js");
    edges.stderr.write(firstSteps(helpWidth(edges.stderr)));
    return 2;
  }
  const words = withDashes(argv);
  let command: LoadedCommand | undefined;
  try {
    const line = await inOrder(words, edges);
    const [name = ""] = line;
    command = await loadCommand(isCommand(name) ? name : mainCommand);
    const program = createProgram([command], edges);
    // A command may run for hours, and the program be replaced meanwhile.
    program.hook("preAction", async () => void (await loadReporting()));
    await program.parseAsync(line, { from: "user" });
    return 0;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) {
      // Help, or the version.
      return 0;
    }
    const { reportFailure } = await loadReporting();
    return await reportFailure(thrown, { argv: words, command }, edges);
  }
}

/** What help does without. */
function loadReporting() {
  return import("./report-failure.js");
}

/** Option names may be written as the API writes its parameters: `--bounce_classes`. */
function withDashes(argv: readonly string[]): string[] {
  const end = argv.indexOf("--");
  return argv.map((argument, index) =>
    end === -1 || index < end
      ? argument.replace(/^--[a-z_-]+/, (name) => name.replaceAll("_", "-"))
      : argument,
  );
}

/** The line with its command in front, where one is named. */
async function inOrder(words: readonly string[], edges: Edges): Promise<readonly string[]> {
  if (!words.some((word) => word === "help" || isCommand(word))) {
    return words;
  }
  const { commandFirst } = await import("./command-first.js");
  const names = listedCommands.map(({ name }) => name);
  return commandFirst(words, names, () => wholeProgram(edges));
}

function isCommand(word: string): boolean {
  return listedCommands.some(({ name }) => name === word);
}

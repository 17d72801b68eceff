import { CommanderError } from "commander";
import { ClosedPipeError, SparkyEventsError, UsageError } from "../errors.js";
import { commandFirst } from "./command-first.js";
import { listedCommands, loadCommand, mainCommand } from "./commands.js";
import { ReportedError } from "./failures/reported-error.js";
import { helpWidth } from "./help/layout.js";
import type { Edges } from "./process/edges.js";
import { createProgram, wholeProgram } from "./program.js";
import { createStyle } from "./terminal/style.js";
import { wrapFor } from "./terminal/wrap.js";

/**
 * Runs one command line.
 *
 * @param argv arguments after the name of the command
 * @returns the exit code; this is the one place where an error becomes a message and a code
 */
export async function main(argv: readonly string[], edges: Edges): Promise<number> {
  if (argv.length === 0) {
    // Nothing is exported, so a job whose arguments got lost must not look like a success.
    const { firstSteps } = await import("./help/first-steps.js");
    edges.stderr.write(firstSteps(helpWidth(edges.stderr)));
    return 2;
  }
  const isJson = asksForJson(argv);
  const verbose = argv.includes("-v") || argv.includes("--verbose");
  try {
    const names = listedCommands.map(({ name }) => name);
    const line = await commandFirst(withDashes(argv), names, () => wholeProgram(edges));
    const command = await loadCommand(names.find((name) => name === line[0]) ?? mainCommand);
    const program = createProgram([command], edges);
    // A command may run for hours, and the program be replaced meanwhile.
    program.hook("preAction", async () => void (await loadReporting()));
    try {
      await program.parseAsync(line, { from: "user" });
      return 0;
    } catch (thrown) {
      if (!(thrown instanceof CommanderError)) {
        throw thrown;
      }
      return thrown.exitCode === 0
        ? 0
        : await refuseCommandLine(thrown, { command: command.name, isJson }, edges);
    }
  } catch (thrown) {
    const { asFailure } = await loadReporting();
    const error = asFailure(thrown);
    if (error instanceof ClosedPipeError || error instanceof ReportedError) {
      return error.exitCode;
    }
    await tell(error, { isJson, verbose }, edges);
    return error instanceof SparkyEventsError ? error.exitCode : 1;
  }
}

/** What help does without. */
async function loadReporting() {
  const parts = await Promise.all([
    import("./failures/as-failure.js"),
    import("./settings/secrets.js"),
    import("./failures/describe-failure.js"),
    import("./log/run-log.js"),
  ]);
  const [{ asFailure }, { withoutSecrets }, { describeFailure }, { RunLog }] = parts;
  return { asFailure, withoutSecrets, describeFailure, RunLog };
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

/** Whether programs read what is said, before anything of the command line is known for certain. */
function asksForJson(argv: readonly string[]): boolean {
  return withDashes(argv).some(
    (argument, index) =>
      argument === "--log-format=json" ||
      (argument === "--log-format" && argv[index + 1] === "json"),
  );
}

/** Says what is wrong, where the parser of the command line has found it. */
async function refuseCommandLine(
  { message }: CommanderError,
  { command, isJson }: { readonly command: string; readonly isJson: boolean },
  edges: Edges,
): Promise<number> {
  const { explain } = await import("./failures/command-line-errors.js");
  const text = explain(message, (await wholeProgram(edges)).commands);
  if (isJson) {
    const [what = "", ...hint] = text.replace(/^error: /, "").split("\n");
    const error = new UsageError(what, { hint: hint.join("\n") || undefined });
    await tell(error, { isJson, verbose: false }, edges);
    return 2;
  }
  const { stderr } = edges;
  const help =
    command === mainCommand
      ? "Run sparky-events --help to see what can be asked for."
      : `Run sparky-events ${command} --help for what it takes.`;
  stderr.write(wrapFor(stderr, `${text}\n${help}\n`));
  return 2;
}

async function tell(
  error: unknown,
  { isJson, verbose }: { readonly isJson: boolean; readonly verbose: boolean },
  edges: Edges,
): Promise<void> {
  const { stderr, env } = edges;
  const { describeFailure, withoutSecrets, RunLog } = await loadReporting();
  if (isJson) {
    new RunLog(edges, { format: "json", quiet: false, verbose, timed: false }).fail(error);
    return;
  }
  const text = describeFailure(error, { style: createStyle(stderr, env), verbose });
  stderr.write(wrapFor(stderr, withoutSecrets(text, edges)));
}

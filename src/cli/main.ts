import { CommanderError } from "commander";
import { ClosedPipeError, SparkyEventsError } from "../errors.js";
import { commandFirst } from "./command-first.js";
import type { Edges } from "./edges.js";
import { helpWidth } from "./help.js";
import { createProgram } from "./program.js";
import { ReportedError } from "./reported-error.js";
import { createStyle } from "./style.js";
import { wrapFor } from "./wrap.js";

/**
 * Runs one command line.
 *
 * @param argv arguments after the name of the command
 * @returns the exit code; this is the one place where an error becomes a message and a code
 */
export async function main(argv: readonly string[], edges: Edges): Promise<number> {
  try {
    if (argv.length === 0) {
      // Nothing is exported, so a job whose arguments got lost must not look like a success.
      const { firstSteps } = await import("./first-steps.js");
      edges.stderr.write(firstSteps(helpWidth(edges.stderr)));
      return 2;
    }
    const program = createProgram(edges);
    // A command may run for hours, and the program be replaced meanwhile.
    program.hook("preAction", async () => void (await loadReporting()));
    await program.parseAsync(commandFirst(withDashes(argv), program), { from: "user" });
    return 0;
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      return thrown.exitCode === 0 ? 0 : 2;
    }
    const [{ asFailure }, { withoutSecrets }] = await loadReporting();
    const error = asFailure(thrown);
    if (error instanceof ClosedPipeError || error instanceof ReportedError) {
      return error.exitCode;
    }
    edges.stderr.write(wrapFor(edges.stderr, withoutSecrets(describe(error, argv, edges), edges)));
    return error instanceof SparkyEventsError ? error.exitCode : 1;
  }
}

/** What help does without. */
function loadReporting() {
  return Promise.all([import("./failure.js"), import("./secrets.js")]);
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

function describe(error: unknown, argv: readonly string[], edges: Edges): string {
  const style = createStyle(edges.stderr, edges.env);
  const verbose = argv.includes("-v") || argv.includes("--verbose");
  if (error instanceof SparkyEventsError) {
    const hint = error.hint ? `${error.hint}\n` : "";
    const cause = verbose && error.cause ? `${traceOf(error.cause)}\n` : "";
    return `${style.red("error:")} ${error.message}\n${hint}${cause}`;
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return verbose
    ? `${style.red("error:")} This is a bug in sparky-events.\n${traceOf(error)}\nPlease report it with the lines above; they do not hold the API key.\n`
    : `${style.red("error:")} This is a bug in sparky-events: ${message}\nPlease report it: run the same command again with --verbose and send its output.\n`;
}

function traceOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

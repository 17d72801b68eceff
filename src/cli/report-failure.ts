import { CommanderError } from "commander";
import { resolveLogFormat } from "../config/log-format.js";
import { mainSettings } from "../config/setting-names.js";
import { ClosedPipeError, SparkyEventsError, UsageError } from "../errors.js";
import { type LoadedCommand, mainCommand } from "./commands.js";
import { asFailure } from "./failures/as-failure.js";
import { explain } from "./failures/command-line-errors.js";
import { describeFailure } from "./failures/describe-failure.js";
import { ReportedError } from "./failures/reported-error.js";
import { RunLog } from "./log/run-log.js";
import type { Edges } from "./process/edges.js";
import { wholeProgram } from "./program.js";
import { readConfigFile } from "./settings/config-file.js";
import { withoutSecrets } from "./settings/secrets.js";
import { createStyle } from "./terminal/style.js";
import { wrapFor } from "./terminal/wrap.js";

/** A command line that has failed. */
interface FailedLine {
  readonly argv: readonly string[];
  /** Absent where it is not known which was meant. */
  readonly command: LoadedCommand | undefined;
}

/**
 * Tells of what ended a command, unless that has been done.
 *
 * @returns the exit code; this is the one place where an error becomes a message and a code
 */
export async function reportFailure(
  thrown: unknown,
  line: FailedLine,
  edges: Edges,
): Promise<number> {
  if (thrown instanceof CommanderError) {
    await refuseCommandLine(thrown, line, edges);
    return 2;
  }
  const error = asFailure(thrown);
  if (error instanceof ClosedPipeError || error instanceof ReportedError) {
    return error.exitCode;
  }
  const verbose = line.argv.includes("-v") || line.argv.includes("--verbose");
  if (await asksForJson(line, edges)) {
    writeJson(error, verbose, edges);
  } else {
    const { stderr, env } = edges;
    const text = describeFailure(error, { style: createStyle(stderr, env), verbose });
    stderr.write(wrapFor(stderr, withoutSecrets(text, edges)));
  }
  return error instanceof SparkyEventsError ? error.exitCode : 1;
}

/** Says what is wrong, where the parser of the command line has found it. */
async function refuseCommandLine(
  { message }: CommanderError,
  line: FailedLine,
  edges: Edges,
): Promise<void> {
  const text = explain(message, (await wholeProgram(edges)).commands);
  if (await asksForJson(line, edges)) {
    const [what = "", ...hint] = text.replace(/^error: /, "").split("\n");
    writeJson(new UsageError(what, { hint: hint.join("\n") || undefined }), false, edges);
    return;
  }
  const { stderr } = edges;
  const name = line.command?.name ?? mainCommand;
  const help =
    name === mainCommand
      ? "Run sparky-events --help to see what can be asked for."
      : `Run sparky-events ${name} --help for what it takes.`;
  stderr.write(wrapFor(stderr, withoutSecrets(`${text}\n${help}\n`, edges)));
}

function writeJson(error: unknown, verbose: boolean, edges: Edges): void {
  new RunLog(edges, { format: "json", quiet: false, verbose, timed: false }).fail(error);
}

/** Whether programs read what is said, though not all of the command line may be understood. */
async function asksForJson({ argv, command }: FailedLine, { env }: Edges): Promise<boolean> {
  const format = valueBehind(argv, "--log-format");
  if (format !== undefined) {
    return format === "json";
  }
  const { key } = mainSettings.logFormat;
  if (command === undefined || !(key in command.declaration.options)) {
    return false;
  }
  try {
    const ini = await readConfigFile(valueBehind(argv, "--config") ?? valueBehind(argv, "-c"), env);
    return resolveLogFormat({ options: {}, ini }) === "json";
  } catch {
    // The file is as wrong as the command line, of which something is said already.
    return false;
  }
}

/** What stands behind an option, or behind its `=`; as far as that can be told without the parser. */
function valueBehind(argv: readonly string[], option: string): string | undefined {
  const index = argv.findLastIndex((word) => word === option || word.startsWith(`${option}=`));
  const word = argv[index];
  return word === option ? argv[index + 1] : word?.slice(option.length + 1);
}

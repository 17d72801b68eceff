import { SparkyEventsError } from "../../errors.js";
import type { Style } from "../terminal/style.js";

/** An error as people are told of it: whole lines, with what to do about it. */
export function describeFailure(
  error: unknown,
  { style, verbose }: { readonly style: Style; readonly verbose: boolean },
): string {
  const label = style.red("error:");
  if (error instanceof SparkyEventsError) {
    const hint = error.hint ? `${error.hint}\n` : "";
    const cause = verbose && error.cause ? `${traceOf(error.cause)}\n` : "";
    return `${label} ${error.message}\n${hint}${cause}`;
  }
  return verbose
    ? `${label} This is a bug in sparky-events.\n${traceOf(error)}\nPlease report it with the lines above; they do not hold the API key.\n`
    : `${label} ${bugMessage(error)}\nPlease report it: run the same command again with --verbose and send its output.\n`;
}

export function bugMessage(error: unknown): string {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `This is a bug in sparky-events: ${message}`;
}

export function traceOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

import { UsageError } from "../../src/errors.js";

/** The message and the hint of the UsageError that `run` throws, on two lines. */
export function usageError(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof UsageError) return `${error.message}\n${error.hint}`;
    throw error;
  }
  throw new Error("No error was thrown.");
}

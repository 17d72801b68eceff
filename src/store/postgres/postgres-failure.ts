import {
  OutputError,
  ServiceError,
  SparkyEventsError,
  StoreRefusedError,
  UsageError,
} from "../../errors.js";
import { isSystemError } from "../../files/errno.js";

/** What a failure of PostgreSQL, or on the way to it, means for a person. */
export function postgresFailure(error: unknown, name: string): unknown {
  if (!(error instanceof Error) || error instanceof SparkyEventsError) {
    return error;
  }
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const { message } = error;
  if (/client password must be a/.test(message)) {
    return refused(`${name} asks for a password, and there is none.`, error);
  }
  switch (code) {
    case "28P01":
    case "28000":
      return refused(`${name} refused the user or the password: ${message}.`, error);
    case "42501":
      return new StoreRefusedError(`${name} does not let this user do that: ${message}.`, {
        hint: "Filling a store takes a user who may create its schema, or who owns it; searching one takes the right to read it.",
        cause: error,
      });
    case "3D000":
      return new UsageError(`${name}: ${message}.`, {
        hint: "Create it first, such as with: createdb NAME",
        cause: error,
      });
    case "25006":
      return new UsageError(`${name} can only be read: ${message}.`, {
        hint: "Name the server that is written to, not a copy of it.",
        cause: error,
      });
    case "53100":
      return new OutputError(`${name} could not be written: the disk of its server is full.`, {
        hint: "Make room there, and run it again. What was in the store is as it was.",
        cause: error,
      });
    default:
      return new ServiceError(
        `${name} ${isAway(error, code) ? "cannot be reached" : "could not go on"}: ${reasonOf(error)}.`,
        {
          hint: isAway(error, code)
            ? "See whether the server runs, and whether host and port are right; then run it again."
            : undefined,
          cause: error,
        },
      );
  }
}

function refused(message: string, cause: Error): StoreRefusedError {
  return new StoreRefusedError(message, {
    hint: "Put the password into PGPASSWORD, or into ~/.pgpass or the file that PGPASSFILE names.",
    cause,
  });
}

/** Whether there was no connection, or no longer (classes 08 and 57, and too many of them, 53300). */
function isAway(error: Error, code: string): boolean {
  return (
    /^(?:08|57P|53300)/.test(code) ||
    /^E[A-Z]{3}/.test(code) ||
    /connection terminated|timeout|client has encountered a connection error|not queryable/i.test(
      error.message,
    )
  );
}

function reasonOf(error: Error): string {
  // Where a name has several addresses, each has an error of its own, and all together no message.
  const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  const told = first instanceof Error && isSystemError(first) ? first.message : error.message;
  return told.split("\n", 1)[0]?.replace(/\.$/, "") ?? "";
}

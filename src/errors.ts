/**
 * One class per way in which a run can fail. The exit code belongs to the failure, so that the
 * command line has a single place that turns an error into a message and a code, and a program that
 * uses the library can tell the failures apart with `instanceof`. Which of them a failure of the
 * network is, is decided in api/connection-error.ts, and of an answer, in api/status-error.ts.
 */

export interface ErrorDetails {
  /** What the person can do about it, as whole sentences. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

export abstract class SparkyEventsError extends Error {
  /** Exit code of the command when this error ends it. */
  abstract readonly exitCode: number;
  /** What the person can do about it; a command may add to it. */
  hint: string | undefined;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.hint = details.hint;
  }
}

/** The file could not be written, for example because the disk is full. */
export class OutputError extends SparkyEventsError {
  readonly exitCode = 1;
}

/** A command line argument, an option or a setting is wrong. */
export class UsageError extends SparkyEventsError {
  readonly exitCode = 2;
}

/** A range begins before what SparkPost keeps. */
export class ExpiredRangeError extends UsageError {
  constructor(
    message: string,
    /** Epoch milliseconds from which on there are events. */
    readonly keptFrom: number,
    details?: ErrorDetails,
  ) {
    super(message, details);
  }
}

/** SparkPost rejected the request as such (400, 404, 414 and the like): sending it again is no use. */
export class RejectedRequestError extends SparkyEventsError {
  readonly exitCode = 2;

  constructor(
    message: string,
    /** HTTP status of the answer. */
    readonly status: number,
    details?: ErrorDetails,
  ) {
    super(message, details);
  }
}

/** SparkPost refused the API key (401, 403). */
export class KeyRefusedError extends SparkyEventsError {
  readonly exitCode = 3;

  constructor(
    message: string,
    /** HTTP status of the answer: 401 or 403. */
    readonly status: number,
    details?: ErrorDetails,
  ) {
    super(message, details);
  }
}

/** A database refused the user, the password, or what the user wanted to do. */
export class StoreRefusedError extends SparkyEventsError {
  readonly exitCode = 3;
}

/** SparkPost could not be reached, kept failing, or answered in a way that cannot be followed. */
export class ServiceError extends SparkyEventsError {
  readonly exitCode = 4;
}

/** An answer is larger than what is taken, or than what there is memory for. */
export class AnswerTooLargeError extends ServiceError {}

/** What arrived is not what SparkPost has: fewer events than it counted, or some of them twice. */
export class IncompleteExportError extends SparkyEventsError {
  readonly exitCode = 5;

  constructor(
    message: string,
    /** Number of events that arrived. */
    readonly arrived: number,
    /** Number of events that SparkPost counted. */
    readonly counted: number,
    /** Paths of the files that hold what arrived; none for a stream. */
    readonly kept: readonly string[],
    details?: ErrorDetails,
  ) {
    super(message, details);
  }
}

/** Another run is at work on the same file or folder: nothing was changed. Later it can be had again. */
export class BusyError extends SparkyEventsError {
  /** EX_TEMPFAIL of sysexits.h */
  readonly exitCode = 75;
}

/** The program that reads standard output went away; nobody is left to tell. */
export class ClosedPipeError extends SparkyEventsError {
  /** As a shell reports a process that SIGPIPE (13) ended. */
  readonly exitCode = 141;
}

import { KeyRefusedError, RejectedRequestError, ServiceError } from "../errors.js";
import type { Coverage } from "../time/coverage.js";
import { toUtcSeconds } from "../time/iso.js";
import type { TimeSpan } from "../time/retention.js";
import { MalformedAnswerError } from "./answer.js";
import { ApiClient, type Connection } from "./client.js";
import { WholeBody } from "./whole-body.js";

/** Where a server of this tool tells what it is; other hosts have nothing there. */
export const descriptionPath = "/.well-known/sparky-events";
/** Where it tells what it lacks of a range. */
export const coveragePath = `${descriptionPath}/coverage`;

/** What is known of a host. */
export interface HostDescription {
  /** Whether it keeps events for good. */
  readonly keepsEverything: boolean;
  /** Whether it tells what it lacks. */
  readonly tellsCoverage: boolean;
}

/**
 * Asks a host whether it is a server of this tool.
 *
 * @returns undefined where it was not reached, or kept failing
 */
export async function describeHost(connection: Connection): Promise<HostDescription | undefined> {
  try {
    const { retention, coverage } = membersOf(await requestJson(connection, descriptionPath));
    return { keepsEverything: retention === "unlimited", tellsCoverage: coverage === coveragePath };
  } catch (error) {
    if (error instanceof RejectedRequestError || error instanceof KeyRefusedError) {
      return { keepsEverything: false, tellsCoverage: false };
    }
    if (error instanceof ServiceError) {
      return undefined;
    }
    throw error;
  }
}

/**
 * Asks a server of this tool what it lacks of a range.
 *
 * @throws KeyRefusedError, RejectedRequestError, ServiceError, or the signal's reason
 */
export async function requestCoverage(
  connection: Connection,
  { from, to }: TimeSpan,
): Promise<Coverage> {
  const range = new URLSearchParams({ from: toUtcSeconds(from), to: toUtcSeconds(to) });
  const answer = membersOf(await requestJson(connection, `${coveragePath}?${range}`));
  const missing: unknown[] = Array.isArray(answer.missing) ? answer.missing : [undefined];
  return { missing: missing.map(readSpan), unproven: answer.unproven === true };
}

async function requestJson(connection: Connection, path: string): Promise<unknown> {
  const client = new ApiClient(connection);
  const body = new WholeBody();
  try {
    return await client.get(path, body, () => jsonOf(body));
  } finally {
    client.close();
  }
}

/** A page of another server is there as well whenever it is asked for. */
function jsonOf(body: WholeBody): unknown {
  try {
    return body.json();
  } catch (error) {
    if (error instanceof MalformedAnswerError) {
      return undefined;
    }
    throw error;
  }
}

function readSpan(span: unknown): TimeSpan {
  const { from, to } = membersOf(span);
  const read = { from: Date.parse(String(from)), to: Date.parse(String(to)) };
  if (Number.isNaN(read.from) || Number.isNaN(read.to)) {
    throw new ServiceError("The host tells what it lacks in a form that is not understood.", {
      hint: "Use the same version of sparky-events here and there.",
    });
  }
  return read;
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

import { formatCount } from "../count.js";
import { OutputError } from "../errors.js";
import type { RecordFormat, RecordFormatName } from "../formats/record-format.js";
import type { Slice } from "../slices/slice.js";

/** What of a format makes its files. */
export type Format = Pick<RecordFormat, "name" | "header">;

const recordsOf: Readonly<Record<RecordFormatName, string>> = { csv: "CSV", jsonl: "JSON lines" };

/** What of a slice was given to the output. */
export interface Given {
  readonly pages: number;
  readonly records: number;
  readonly bytes: number;
}

/** What the output has, in all. */
export interface Written {
  /** How many bytes came into it; of a split export, the header counts once. */
  readonly consumed: number;
  /** Size of each of its files as the output counts it, and as the file system does. */
  readonly files: readonly { readonly written: number; readonly found: number }[];
}

/**
 * What was written is not what the pages account for. Either the tool is at fault, or the machine that
 * it runs on.
 */
export class AuditError extends OutputError {}

/**
 * Compares what was written with what the pages that arrived account for. These were counted where they
 * were converted, and the output has counted for itself.
 *
 * @throws AuditError where one number differs from what it should be
 */
export function auditTotals(
  slices: readonly Slice[],
  givenOf: (slice: Slice) => Given,
  { name, header }: Format,
  { consumed, files }: Written,
): void {
  let expected = header.length;
  for (const slice of slices) {
    const given = givenOf(slice);
    requireSame("pages were written", given.pages, slice.pages);
    requireSame("events were written", given.records, slice.events);
    requireSame("bytes of events were written", given.bytes, slice.bytes);
    expected += slice.bytes;
  }
  requireSame(`bytes of ${recordsOf[name]} are in the output`, consumed, expected);
  for (const { written, found } of files) {
    requireSame("bytes are in a file", found, written);
  }
}

/** @throws AuditError where two counts of the same thing differ */
export function requireSame(what: string, there: number, expected: number): void {
  if (there !== expected) {
    throw new AuditError(
      `What was written is not what arrived: ${formatCount(there)} ${what}, and it should be ${formatCount(expected)}.`,
      { hint: "Begin anew with --force. If that happens again, please report it." },
    );
  }
}

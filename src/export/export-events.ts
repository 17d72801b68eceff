import type { Writable } from "node:stream";
import { ApiClient, type ClientStatistics, type Connection } from "../api/client.js";
import { fetchPages } from "../api/pages.js";
import { firstPagePath, type Search } from "../api/search.js";
import { systemClock } from "../clock.js";
import { defaultProperties } from "../config/default-properties.js";
import type { ConvertedPage } from "../csv/page-converter.js";
import { createReferenceConverter } from "../csv/reference-converter.js";
import { IncompleteExportError } from "../errors.js";
import { expectedCount } from "./expected-count.js";
import { openOutput, type WrittenOutput } from "./output.js";

export interface ExportOptions {
  readonly connection: Connection;
  readonly search: Search;
  /** Names of event properties, in the order of the columns. Default: `defaultProperties`. */
  readonly columns?: readonly string[] | undefined;
  /** Path of a file (gzipped where it ends in `.gz`), or a stream, which is not ended. */
  readonly output: string | Writable;
  /** Whether an existing file is replaced; only when the new one is complete. Default: false. */
  readonly force?: boolean | undefined;
  /** Called when the output is open, before the first request. */
  readonly onStart?: (() => void) | undefined;
  /** Called after each page that was written. */
  readonly onProgress?: ((progress: ExportProgress) => void) | undefined;
}

export interface ExportProgress {
  /** Number of events written so far. */
  readonly events: number;
  /** Number of events that SparkPost counts. */
  readonly totalCount: number;
}

export interface ExportResult extends WrittenOutput, Readonly<ClientStatistics> {
  /** Number of events written. */
  readonly events: number;
  /** Number of events written by event type. */
  readonly eventsByType: ReadonlyMap<string, number>;
  /** The highest `total_count` of all pages; it may grow while an export of the last minutes runs. */
  readonly totalCount: number;
  /** In milliseconds. */
  readonly duration: number;
}

/**
 * Writes every event that matches a search to a CSV: a header, then a record per event, newest
 * first.
 *
 * A file appears under its name only when it is complete. Where fewer events arrived than SparkPost
 * counted, what did arrive is kept beside it, in a file whose name ends in `.incomplete`.
 *
 * @throws UsageError before any request where the output cannot be written;
 *   KeyRefusedError, RejectedRequestError, ServiceError from the API; OutputError, ClosedPipeError
 *   while writing; IncompleteExportError; or the reason of `connection.signal`
 */
export async function exportEvents(options: ExportOptions): Promise<ExportResult> {
  const { connection, search } = options;
  const clock = connection.clock ?? systemClock;
  const started = clock.now();
  const firstPage = firstPagePath(search);
  const converter = createReferenceConverter(options.columns ?? defaultProperties);
  const output = await openOutput(options.output, options.force ?? false);
  const client = new ApiClient(connection);
  const tally = new Tally();
  try {
    options.onStart?.();
    await output.write(converter.header());
    for await (const page of fetchPages(client, firstPage, (body) => converter.convert(body))) {
      await output.write(page.csv);
      tally.add(page);
      options.onProgress?.({ events: tally.events, totalCount: tally.highestCount });
      connection.signal?.throwIfAborted();
    }
    const expected = expectedCount(tally, Number(search.to), started);
    if (tally.events < expected) {
      throw await incomplete(tally.events, expected, await output.keepIncomplete());
    }
    return {
      events: tally.events,
      eventsByType: tally.eventsByType,
      totalCount: tally.highestCount,
      ...client.statistics,
      ...(await output.commit()),
      duration: clock.now() - started,
    };
  } catch (error) {
    await output.discard();
    throw error;
  } finally {
    await client.close();
  }
}

class Tally {
  events = 0;
  firstCount: number | undefined;
  highestCount = 0;
  readonly eventsByType = new Map<string, number>();

  add(page: ConvertedPage): void {
    this.events += page.eventCount;
    this.firstCount ??= page.totalCount;
    this.highestCount = Math.max(this.highestCount, page.totalCount ?? 0);
    for (const [type, count] of page.eventsByType) {
      this.eventsByType.set(type, (this.eventsByType.get(type) ?? 0) + count);
    }
  }
}

function incomplete(
  arrived: number,
  counted: number,
  keptAs: string | undefined,
): IncompleteExportError {
  const kept = keptAs ? ` What arrived is in ${keptAs}.` : "";
  return new IncompleteExportError(
    `The export is not complete: SparkPost counted ${counted.toLocaleString("en")} events, but only ${arrived.toLocaleString("en")} arrived.`,
    arrived,
    counted,
    {
      hint: `Try again. Events that are about 10 days old may have left SparkPost while the export ran; a later start of the range avoids that.${kept}`,
    },
  );
}

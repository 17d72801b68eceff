import type { Zone } from "luxon";
import { countOf, formatCount } from "../../../count.js";
import type { ExportResult } from "../../../export/export-options.js";
import { toUtcSeconds } from "../../../time/iso.js";
import type { RunLog } from "../../log/run-log.js";
import type { Edges } from "../../process/edges.js";
import { createStyle } from "../../terminal/style.js";
import { headlineOf, summaryOf } from "./summary.js";

/** Messages about a run, on standard error. */
export class Report {
  readonly #edges: Edges;
  readonly #log: RunLog;
  readonly #verbose: boolean;

  constructor(edges: Edges, log: RunLog, verbose: boolean) {
    this.#edges = edges;
    this.#log = log;
    this.#verbose = verbose;
  }

  warn(messages: readonly string[]): void {
    for (const message of messages) {
      this.#log.write("warning", "warning", message);
    }
  }

  note(messages: readonly string[]): void {
    for (const message of messages) {
      this.#log.write("notice", "note", message);
    }
  }

  /** @param name what messages call where it came from */
  finished(result: ExportResult, zone: Zone, name: string): void {
    const { events, totalCount, doubled, removed, workbook } = result;
    const difference = totalCount - events;
    if (difference > 0) {
      this.note([
        `${countOf(difference, "event")} came in while the export ran; a later export of the same range has them.`,
      ]);
    } else if (difference < 0) {
      // Said even where only errors are wanted: the file is not what it should be.
      this.#log.insist(
        "warning",
        `${countOf(-difference, "event")} more arrived than ${name} counted (${formatCount(totalCount)}); some may be in the file twice.`,
      );
    }
    if (doubled > 0) {
      this.#log.insist(
        "doubled",
        `${name} sent ${countOf(doubled, "event")} twice, where two pages meet${difference < 0 ? "" : ", and counts them twice too"}; they are in the file twice.`,
        { events: doubled },
      );
    }
    const cutTexts = workbook?.cutTexts ?? 0;
    if (cutTexts > 0) {
      const [texts, them] = cutTexts === 1 ? ["text is", "it"] : ["texts are", "them"];
      this.#log.insist(
        "texts-cut",
        `${formatCount(cutTexts)} ${texts} longer than a cell can hold (32,767 characters) and ${cutTexts === 1 ? "was" : "were"} cut; a CSV has ${them} whole.`,
        { texts: cutTexts },
      );
    }
    this.note(removed.map((path) => `${path}, of an earlier export, was removed.`));
    const { stderr, env } = this.#edges;
    const style = createStyle(stderr, env);
    const message = this.#log.isJson
      ? headlineOf(result, style)
      : summaryOf(result, style, { verbose: this.#verbose, zone });
    this.#log.finish("finished", message, factsOf(result));
  }
}

function factsOf(result: ExportResult): object {
  return {
    complete: true,
    files: result.paths,
    events: result.events,
    missing: result.expired && {
      from: toUtcSeconds(result.expired.from),
      to: toUtcSeconds(result.expired.to),
    },
    eventsByType: Object.fromEntries(result.eventsByType),
    totalCount: result.totalCount,
    doubled: result.doubled,
    resumed: result.resumed,
    bytes: result.bytes,
    retries: result.retries,
    sheets: result.workbook?.sheets,
    exitCode: 0,
  };
}

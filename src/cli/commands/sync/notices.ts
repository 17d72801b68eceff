import { countOf, formatCount } from "../../../count.js";
import { describeSize } from "../../../size.js";
import type { ExportReason, GapReason } from "../../../sync/plan.js";
import type { Gap, Misfit, SyncNotice } from "../../../sync/sync-notice.js";
import type { LogLevel } from "../../log/run-log.js";
import type { SyncPlace } from "./sync-place.js";

/** What a log has to say about something that happened. */
export interface LogEntry {
  readonly level: LogLevel;
  readonly event: string;
  readonly message: string;
  /** For programs. */
  readonly facts: object;
}

export function describeNotice(
  notice: SyncNotice,
  place: Pick<SyncPlace, "name" | "unit">,
): LogEntry {
  const [level, message] = levelAndMessage(notice, place);
  return { level, event: notice.type, message, facts: factsOf(notice) };
}

function factsOf(notice: SyncNotice): object {
  if (notice.type === "incomplete") {
    return { name: notice.name, counted: notice.error.counted, reason: notice.error.message };
  }
  const { type, ...facts } = notice;
  return facts;
}

function levelAndMessage(
  notice: SyncNotice,
  { name: place, unit }: Pick<SyncPlace, "name" | "unit">,
): [LogLevel, string] {
  const { damaged, twice, place: kept, reasons } = wordings[unit];
  switch (notice.type) {
    case "manifest-repaired":
      return ["warning", repairMessage(notice, place)];
    case "adopted":
      return [
        "notice",
        `${countOf(notice.names.length, "file")} that the manifest did not know ${notice.names.length === 1 ? "is" : "are"} in it now: ${describeNames(notice.names)}.`,
      ];
    case "strays":
      return ["notice", straysMessage(notice.names)];
    case "damaged":
      return ["warning", `${notice.path} ${damaged}.`];
    case "gaps":
      return notice.accepted
        ? ["notice", `Accepted gaps: ${describeGaps(notice.gaps)}.`]
        : ["warning", `Gaps: ${describeGaps(notice.gaps)}.`];
    case "exporting":
      return [
        "info",
        `${notice.name}: ${reasons[notice.reason]} (${notice.index} of ${notice.total})`,
      ];
    case "exported":
      return ["info", `${notice.name}: ${exportedMessage(notice)}`];
    case "kept":
      return [
        notice.explained ? "notice" : "error",
        `${notice.name}: ${keptMessage(notice)}; ${kept} stays as it is.`,
      ];
    case "doubled":
      return [
        "warning",
        `${notice.name}: SparkPost sent ${countOf(notice.events, "event")} twice, where two pages meet; ${twice}.`,
      ];
    case "short":
      return [
        "error",
        `${notice.name}: SparkPost counts ${countOf(notice.events, "event")} more than it sent. The next run tries again.`,
      ];
    case "incomplete":
      return ["error", `${notice.name}: ${notice.error.message} The next run tries again.`];
    case "deleted":
      return ["info", `Deleted ${deletedMessage(notice, unit)}`];
  }
}

function deletedMessage(
  { names, events }: Extract<SyncNotice, { type: "deleted" }>,
  unit: SyncPlace["unit"],
): string {
  const days = countOf(names.length, unit);
  const what =
    events === undefined
      ? days
      : `${countOf(events, "event")}${names.length > 0 ? ` of ${days}` : ""}`;
  return `${what} older than --keep${names.length > 0 ? `: ${describeNames(names)}` : ""}`;
}

function keptMessage({ rows, count, explained }: Misfit): string {
  if (count > rows) {
    const more = countOf(count - rows, "event");
    return `at least ${more} came in late, and other events of it may have left SparkPost already`;
  }
  const age = explained ? ", since it is about as old as what SparkPost keeps" : "";
  return `SparkPost has ${formatCount(count)} of its ${countOf(rows, "event")} now${age}`;
}

const reasons: Record<ExportReason, string> = {
  missing: "exporting",
  damaged: "exporting again, since the file was damaged",
  partial: "exporting again, since it was not complete",
  grown: "exporting again, since events came in late",
  unfinished: "exporting what there is so far",
};

const wordings = {
  file: {
    damaged: "is not the file that was written",
    twice: "they are in the file twice",
    place: "the file",
    reasons,
  },
  day: {
    damaged: "lacks events that were there",
    twice: "they are kept once",
    place: "the store",
    reasons: {
      ...reasons,
      damaged: "exporting what is gone from the store",
      partial: "exporting what was not there yet",
      grown: "exporting the hours in which events came in late",
    },
  },
} as const;

function exportedMessage({
  reason,
  rows,
  before,
  bytes,
  state,
}: Extract<SyncNotice, { type: "exported" }>): string {
  const added = rows - before;
  const more = reason === "grown" && added > 0 ? `, ${formatCount(added)} more than before` : "";
  const notes = [
    ...(bytes === undefined ? [] : [describeSize(bytes)]),
    ...(state === "partial" ? ["partial"] : []),
  ];
  return `${countOf(rows, "event")}${more}${notes.length > 0 ? ` (${notes.join(", ")})` : ""}`;
}

function repairMessage(
  { problem, movedTo, files }: Extract<SyncNotice, { type: "manifest-repaired" }>,
  folder: string,
): string {
  const what =
    problem === "absent"
      ? `The manifest of ${folder} was lost`
      : `The manifest of ${folder} was damaged (${problem})`;
  const moved = movedTo ? ` The damaged one is in ${movedTo}.` : "";
  return `${what}, and has been made again for ${countOf(files, "file")}.${moved}`;
}

const gapReasons: Record<GapReason, string> = {
  missing: "",
  partial: " (in part)",
  damaged: " (damaged)",
};

export function describeGaps(gaps: readonly Gap[]): string {
  return describeNames(gaps.map(({ name, reason }) => name + gapReasons[reason]));
}

export function straysMessage(names: readonly string[]): string {
  return `Left alone, because no archive reaches that far: ${describeNames(names)}.`;
}

const mostNames = 10;

export function describeNames(names: readonly string[]): string {
  const more = names.length - mostNames;
  return names.slice(0, mostNames).join(", ") + (more > 0 ? ` and ${formatCount(more)} more` : "");
}

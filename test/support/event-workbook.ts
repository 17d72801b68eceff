import { stringifyJson } from "../../src/sandbox/json-text.js";
import type { WorkbookCell } from "./workbook.js";

const times = ["timestamp", "injection_time", "scheduled_time"];
const amounts = [
  "bounce_class",
  "dr_latency",
  "error_code",
  "msg_size",
  "num_retries",
  "queue_time",
];
const dateFormat = "yyyy\\-mm\\-dd\\ hh:mm:ss";

/** The cell that a property of an event must have in a workbook, worked out without the tool's code. */
export function expectedCell(
  property: string,
  value: unknown,
  zone: string,
): WorkbookCell | undefined {
  if (value === undefined || value === null || value === "") {
    return undefined;
  }
  const instant = times.includes(property) ? instantOf(String(value)) : Number.NaN;
  if (!Number.isNaN(instant)) {
    return { kind: "date", value: localTime(instant, zone), format: dateFormat };
  }
  if (typeof value === "string") {
    return amounts.includes(property) && /^-?(0|[1-9]\d*)(\.\d+)?$/.test(value)
      ? expectedNumber(value)
      : textCell(value);
  }
  if (typeof value === "boolean") {
    return { kind: "boolean", value };
  }
  const json = stringifyJson(value);
  return /^-?\d/.test(json) ? expectedNumber(json) : textCell(json);
}

/** As much as a cell holds. */
function textCell(text: string): WorkbookCell {
  const start = text.toWellFormed().slice(0, 32_767);
  return { kind: "text", value: start.isWellFormed() ? start : start.slice(0, -1) };
}

function expectedNumber(text: string): WorkbookCell {
  const digits = text.replace(/e.*/i, "").replaceAll(/\D/g, "").replace(/^0+/, "");
  const size = Math.abs(Number(text));
  // Excel has no numbers beyond these.
  const isInReach = digits === "" || (size > 2.225e-308 && size < 1e308);
  return digits.length > 15 || !isInReach
    ? { kind: "text", value: text }
    : { kind: "number", value: text, format: /^-?\d+$/.test(text) ? "0" : "General" };
}

/** SparkPost sends ISO 8601, or Unix seconds. */
function instantOf(text: string): number {
  if (/^\d{9,10}(\.\d{1,9})?$/.test(text)) {
    return Math.floor(Number(text) * 1000);
  }
  return /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
}

/** What a clock on the wall shows. */
function localTime(instant: number, zone: string): string {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
  }).formatToParts(instant);
  const part = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  const { year, month, day, hour, minute, second, fractionalSecond } = part;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}.${fractionalSecond}`;
}

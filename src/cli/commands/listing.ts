import { stringify } from "csv-stringify/sync";
import { refuseAbsentOutput } from "../process/absent-output.js";
import type { Edges } from "../process/edges.js";
import { createStyle } from "../terminal/style.js";
import { cellWidth, cut, onOneLine, pad } from "../terminal/table.js";
import { wrap } from "../terminal/wrap.js";
import type { ListingFormat } from "./shared-options.js";

/** A list of facts to read, or to hand on to another program. */
export interface Listing {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** What a table shows of them; the last column takes the room that is left. */
  readonly shown: readonly string[];
  /** A column of the table that a narrow terminal does without. */
  readonly optional?: string;
}

/** Writes a listing to standard output; every format but the table has all columns. */
export function writeListing(listing: Listing, format: ListingFormat, edges: Edges): void {
  refuseAbsentOutput();
  switch (format) {
    case "table":
      edges.stdout.write(formatAsTable(listing, edges));
      return;
    case "csv":
      edges.stdout.writeExact(formatAsCsv(listing));
      return;
    case "json":
      edges.stdout.write(`${JSON.stringify(listing.rows, undefined, 2)}\n`);
  }
}

function formatAsCsv({ rows }: Listing): string {
  const records = rows.map((row) => Object.values(row).map(toField));
  return stringify([Object.keys(rows[0] ?? {}), ...records]);
}

function toField(value: unknown): string {
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) {
    return value.join(",");
  }
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? "");
}

const gap = "  ";
const indent = "    ";
const widestButLast = 28;
const narrowestLast = 32;

function formatAsTable(listing: Listing, { stdout, env }: Edges): string {
  const width = (stdout.isTTY && stdout.columns) || Number.POSITIVE_INFINITY;
  const all = layOut(listing, listing.shown);
  const table =
    width - all.left < narrowestLast
      ? layOut(
          listing,
          listing.shown.filter((column) => column !== listing.optional),
        )
      : all;
  const room = width - table.left;
  // A ribbon of words is hard to read.
  const isNarrow = room < narrowestLast / 2;
  const style = createStyle(stdout, env);
  const lines = table.records.flatMap((record, index) => {
    const left = record.slice(0, -1).map((field, column) => pad(field, table.widths[column] ?? 0));
    const last = record.at(-1) ?? "";
    const text = isNarrow
      ? `${left.join(gap).trimEnd()}${below(last, width)}`
      : [...left, wrap(last, room).replaceAll("\n", `\n${" ".repeat(table.left)}`)]
          .join(gap)
          .trimEnd();
    return index === 0 ? style.bold(text) : text;
  });
  return `${lines.join("\n")}\n`;
}

function below(text: string, width: number): string {
  const lines = text === "" ? "" : `\n${wrap(text, width - indent.length)}`;
  return lines.replaceAll("\n", `\n${indent}`);
}

function layOut({ rows }: Listing, columns: readonly string[]) {
  const records = [
    columns,
    ...rows.map((row) =>
      columns.map((column, index) => {
        const field = onOneLine(toField(row[column]));
        return index === columns.length - 1 ? field : cut(field, widestButLast);
      }),
    ),
  ];
  const widths = columns
    .slice(0, -1)
    .map((_, column) => Math.max(...records.map((record) => cellWidth(record[column] ?? ""))));
  const left = widths.reduce((sum, width) => sum + width + gap.length, 0);
  return { records, widths, left };
}

import { median } from "./rounds.js";

export function printHeading(text) {
  console.log(`\n${text}\n${"-".repeat(text.length)}`);
}

/** @param {string[][]} rows the first one is the header; all columns but the first are numbers */
export function printTable(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
    );
    console.log(cells.join("  ").trimEnd());
  }
}

/** Median, and least to most, of times in milliseconds. */
export function formatTimes(times) {
  const scale = median(times) < 1_000 ? { unit: "ms", size: 1, digits: 0 } : seconds;
  const format = (time) => (time / scale.size).toFixed(scale.digits);
  const range = `${format(Math.min(...times))}..${format(Math.max(...times))}`;
  return [`${format(median(times))} ${scale.unit}`, range];
}

const seconds = { unit: "s ", size: 1_000, digits: 2 };

export function formatRatio(ratio) {
  return `${ratio.toFixed(2)} x`;
}

export function formatCount(count) {
  return Math.round(count).toLocaleString("en-US");
}

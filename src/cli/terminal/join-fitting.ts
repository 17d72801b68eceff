import { cellWidth } from "./table.js";

/** A part of a line. */
export interface Part {
  readonly text: string;
  /** Where there is no room for all parts, the one with the lowest goes first. */
  readonly worth: number;
}

const separator = " · ";

/** As many parts side by side, in their order, as there is room for; the worthiest in any case. */
export function joinFitting(parts: readonly Part[], width: number): string {
  const line = parts.map(({ text }) => text).join(separator);
  if (cellWidth(line) <= width || parts.length <= 1) {
    return line;
  }
  const least = Math.min(...parts.map(({ worth }) => worth));
  return joinFitting(
    parts.filter(({ worth }) => worth !== least),
    width,
  );
}

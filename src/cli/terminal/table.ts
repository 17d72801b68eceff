const gap = "  ";
const widest = 28;

/**
 * Records as a table for a terminal: columns cut to a readable width, and as many as fit.
 *
 * @param records the header first
 * @param width of the terminal, in cells
 */
export function formatTable(records: readonly (readonly string[])[], width: number): string {
  const rows = records.map((record) => record.map((field) => cut(onOneLine(field), widest)));
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => cellWidth(row[column] ?? ""))),
  );
  const columns = fitting(widths, width);
  return rows
    .map((row) =>
      columns
        .map((column) => pad(row[column] ?? "", widths[column] ?? 0))
        .join(gap)
        .trimEnd(),
    )
    .join("\n");
}

/** Columns from the left that fit side by side. */
function fitting(widths: readonly number[], width: number): number[] {
  const columns: number[] = [];
  let used = 0;
  for (const [column, columnWidth] of widths.entries()) {
    used += columnWidth + gap.length;
    if (used - gap.length > width) {
      break;
    }
    columns.push(column);
  }
  return columns;
}

export function onOneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ");
}

export function cut(text: string, most: number): string {
  if (cellWidth(text) <= most) {
    return text;
  }
  let used = 0;
  let shown = "";
  for (const character of text) {
    used += cellWidth(character);
    if (used > most - 1) {
      break;
    }
    shown += character;
  }
  return `${shown}…`;
}

export function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - cellWidth(text)));
}

const wide =
  /\p{Emoji_Presentation}|[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60]/u;

/** Cells that a terminal takes for a text: two for emoji and East Asian letters. */
export function cellWidth(text: string): number {
  return [...text].reduce((width, character) => width + (wide.test(character) ? 2 : 1), 0);
}

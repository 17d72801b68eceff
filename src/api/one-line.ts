/** A text as part of a message: on one line, and free of control characters. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
}

/** As much of a line as a message takes. */
export function cutLine(line: string): string {
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

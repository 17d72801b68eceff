/** A string as SQL has it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as SQL has it. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A path as SQL has it where DuckDB takes it for a pattern. */
export function quotedPattern(path: string): string {
  return quoted(path.replace(/[[*?]/g, "[$&]"));
}

/** Whether DuckDB could not do something with the memory that it may have. */
export function isOutOfMemory(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^Out of Memory|could not allocate|failed to (?:allocate|pin)/i.test(error.message)
  );
}

/**
 * Whether CSV of our own could not be read since its records are longer than was reckoned with: one of
 * them, so that DuckDB takes it for several, or many, which take more memory.
 */
export function isTooLarge(error: unknown): boolean {
  return (
    isOutOfMemory(error) ||
    (error instanceof Error &&
      /CSV Error|max_line_size|maximum line size|unterminated quote/i.test(error.message))
  );
}

/** `1,234,567` */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** `1 request`, `3 requests`, `2 retries` */
export function countOf(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** `512 bytes`, `12.3 MB`: powers of 1000, as file managers show them. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) {
    return countOf(bytes, "byte");
  }
  const units = ["kB", "MB", "GB", "TB"];
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), units.length);
  return `${(bytes / 1_000 ** power).toFixed(1)} ${units[power - 1]}`;
}

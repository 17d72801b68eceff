/**
 * Rows that are compressed together. DuckDB holds so many for each thread in memory when it loads; with
 * more of them, files are hardly smaller.
 */
const rowGroupSize = 16_384;

/** How a file is attached that is written to. */
export const writeOptions = `storage_version 'latest', row_group_size ${rowGroupSize}`;

/** What DuckDB may use beside what it must. */
export const usualMemory = "150MB";
/** The same where texts are long: it packs and unpacks 2,048 of them together. */
export const largeMemory = "1GB";
export const largestMemory = "2GB";

/**
 * Rows that are compressed together. DuckDB holds so many for each thread in memory when it loads; with
 * more of them, files are hardly smaller.
 */
const rowGroupSize = 16_384;

/** How a file is attached that is written to. */
export const writeOptions = `storage_version 'latest', row_group_size ${rowGroupSize}`;

/**
 * The sizes of the tables, and of what is in them.
 *
 * The host has no numbers of its own: it reads these from the module, and keeps within them.
 */

/** Columns that a record may have. */
export const mostColumns: i32 = 4096;

/** Values of an event that may be wanted: properties, and what paths lead to within them. */
export const mostValues: i32 = 3500;

/** Keys that are not wanted are learnt too, up to this many. */
export const mostLearnt: i32 = 512;

/** The wanted ones, all others as one, what comes before the first key, and the learnt ones. */
export const mostProperties: i32 = mostValues + 2 + mostLearnt;

/** Bytes of a property's key with its quotes and the colon; a longer one is not predicted. */
export const keyRoom: i32 = 64;

/** Bytes of all keys in paths together, with their quotes. */
export const pathKeysRoom: i32 = 65_536;

/** Bytes of a time as it is written. */
export const longestTime: i32 = 32;

/** An hour has the template of the local hour in which it begins, and of the next one. */
export const templatesPerHour: i32 = 2;

/** Length of `"2026-11-19T23:`. */
export const hourLength: i32 = 15;

/** More events than the largest page has are left to the reference. */
export const mostRows: i32 = 16_384;

/** Whole words are read, and written, up to so many bytes beyond the last one. */
export const overreach: i32 = 64;

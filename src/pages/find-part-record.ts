/** A record of a part of a search, to be merged with those of others by its time. */
interface PartRecord {
  /** As it was sent; empty where there is none. */
  readonly timestamp: string;
  /** The record as it is to be in the output; valid as long as the memory that it was found in. */
  readonly bytes: Uint8Array;
  /** Where the next record begins. */
  readonly end: number;
}

/**
 * Finds the record that begins at `start` in memory that is filled up to `end`.
 *
 * @returns undefined where it is not there as a whole
 */
export type FindPartRecord = (memory: Buffer, start: number, end: number) => PartRecord | undefined;

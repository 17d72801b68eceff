/** Finds the ends of records in bytes of a format that arrive in pieces, cut anywhere. */
export interface RecordScanner {
  /** Whether what was read ends where a record does. */
  readonly betweenRecords: boolean;
  /**
   * Reads on, behind the last of `most` records at the furthest.
   *
   * @returns number of records that ended, and how many bytes were read
   */
  read(bytes: Uint8Array, most: number): { records: number; end: number };
}

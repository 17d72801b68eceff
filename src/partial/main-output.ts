import type { MainState } from "./journal-entry.js";

/** Where the pages of an export come together, in their order. */
export interface MainOutput {
  readonly state: MainState;
  /** Size of each file, as far as it was written. */
  readonly lengths: readonly number[];
  /**
   * Takes the next bytes; what becomes of them may have to wait until there are more.
   *
   * @param records number of records that were appended when the page that the bytes belong to is whole
   */
  append(bytes: Uint8Array, records: number): Promise<void>;
  /** What was appended and not held back survives a power loss when this resolves. */
  sync(): Promise<void>;
  /**
   * Takes back all but the first `consumed` bytes, where the output can do that.
   *
   * @param records number of records in these bytes
   * @param record called with the state that the output will have; once the bytes are gone, nothing
   *   may say that they are there
   */
  rewind?:
    | ((
        consumed: number,
        records: number,
        record: (state: MainState) => Promise<void>,
      ) => Promise<void>)
    | undefined;
  /** Writes what was held back, and lets go of the output. */
  end(): Promise<void>;
  /** Forgets what was held back, and lets go of the output. */
  close(): Promise<void>;
}

import type { Connection } from "../../api/client.js";
import type { TimeSpan } from "../../time/retention.js";
import type { Session } from "./session.js";

/** Where a command gets events from: SparkPost, or a server like it, or a store. */
export interface EventSource {
  /** For people. */
  readonly name: string;
  readonly session: Session;
  /** The session as it is for a range: some hosts keep everything, and tell. */
  sessionFor(range: TimeSpan): Promise<Session>;
  connect(): Promise<Connection>;
  /**
   * What it is known to lack of a range, in whole sentences.
   *
   * @throws UsageError where it lacks something, and the settings do not allow that
   */
  warnOf(range: TimeSpan): Promise<string[]>;
  /** Lets go of it. */
  close(): Promise<void>;
}

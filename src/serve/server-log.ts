/** What is told of a request. Nothing of what it asks for: that may be a person's address. */
export interface RequestFacts {
  readonly method: string;
  /** Path of the route; undefined where there is none for what was asked. */
  readonly route: string | undefined;
  readonly status: number;
  /** Whether the client has all of the answer. */
  readonly sent: boolean;
  /** From the headers of the request to the last byte of the answer. */
  readonly milliseconds: number;
  /** Number of events in the answer; undefined where it is none of a search. */
  readonly events: number | undefined;
  /** Name of the key; undefined where none was asked for or it is not known. */
  readonly key: string | undefined;
}

/** Whom a server tells what happens. */
export interface ServerLog {
  request(facts: RequestFacts): void;
  /** @param id by which the client was told of it */
  failure(id: string, cause: unknown): void;
  certificateRenewed(): void;
  certificateRefused(cause: unknown): void;
}

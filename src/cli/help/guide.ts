/** What help and manual tell of a command, besides its arguments and options. */
export interface Guide {
  readonly examples: readonly Entry[];
  readonly topics?: readonly Topic[];
  /** Exit codes and when they occur. */
  readonly exitCodes: readonly Entry[];
}

/** A term and what it means. */
export type Entry = readonly [term: string, meaning: string];

export interface Topic {
  readonly title: string;
  /** A line break ends a paragraph. */
  readonly text: string;
}

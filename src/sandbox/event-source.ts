/**
 * What the simulator needs to know about the events it serves. Those of the same time are in the order
 * of their identities, descending by bytes (`identity.ts`).
 */
export interface EventSource {
  /** Number of events. Indices run from 0, the newest event, and never change their meaning. */
  readonly length: number;
  /** Time of the event, in milliseconds since 1970. Never rises with the index. */
  timestampOf(index: number): number;
  /**
   * From when on searches find the event, in milliseconds since 1970: late events do not arrive
   * when they happen. Where this is absent, they all do.
   */
  availableAt?(index: number): number;
  /** Event type, such as `delivery`. */
  typeOf(index: number): string;
  /** One property of the event; `undefined` when the event lacks it. */
  propertyOf(index: number, name: string): unknown;
  /** The whole event. Numbers that JavaScript cannot hold are `NumberLiteral`s. */
  event(index: number): Record<string, unknown>;
  /** JSON of these events in this order, with commas between them, in as few chunks as sensible. */
  json(indices: Uint32Array): Uint8Array[];
}

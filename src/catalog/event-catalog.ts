/**
 * The event types, event properties and bounce classes that SparkPost documents.
 *
 * Source: SparkPost's public documentation as of 2026. Live answers may hold types and properties
 * that are not listed here, so nothing may fail on an unknown one.
 */
import catalog from "./event-catalog.json" with { type: "json" };
import samples from "./event-samples.json" with { type: "json" };

export interface EventTypeEntry {
  readonly type: string;
  /** Group that the type belongs to, such as `message_event` or `track_event`. */
  readonly class: string;
  readonly description: string;
  /** Properties that an event of this type can have; live events leave some out. */
  readonly properties: readonly string[];
}

export interface PropertyEntry {
  readonly description: string;
  readonly json_type: string;
  readonly sample?: unknown;
}

export interface BounceClassEntry {
  readonly code: number;
  readonly name: string;
  readonly category: string;
  readonly description: string;
}

export const eventTypes: readonly EventTypeEntry[] = catalog.event_types;
export const eventProperties: Readonly<Record<string, PropertyEntry>> = catalog.properties;
export const bounceClasses: readonly BounceClassEntry[] = catalog.bounce_classes;

/** One documented sample event per type. */
export const eventSamples: readonly Readonly<Record<string, unknown>>[] = samples;

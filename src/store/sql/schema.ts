import { createHash } from "node:crypto";
import { wellFormed } from "../../events-api/well-formed.js";
import type { Dialect } from "./database.js";

/**
 * Columns of the events that searches compare, but for the event's id, which is in its identity. A
 * filter that comes later adds its column by a migration.
 */
export const keyColumns = [
  "rcpt_to",
  "recipient_domain",
  "friendly_from",
  "sending_domain",
  "subject",
  "campaign_id",
  "template_id",
  "bounce_class",
  "reason",
  "subaccount_id",
  "ip_pool",
  "sending_ip",
  "mailbox_provider",
  "mailbox_provider_region",
  "ab_test_id",
  "ab_test_version",
  "message_id",
  "transmission_id",
  "type",
] as const;

/** Longer ids are kept as their hash, since an index takes no text of any length. */
export const longestId = 200;

export const hashMark = "sha256:";

/**
 * An event's identity, from its columns `event_id` and `event`: its id; where that is too long, or looks
 * like a hash, its hash; and where there is none, the hash of the event's text.
 */
export function identityOf({ sha256 }: Dialect): string {
  return `case
    when event_id is null or event_id = '' then '${hashMark}' || ${sha256("event")}
    when length(event_id) > ${longestId} or event_id like '${hashMark}%' then '${hashMark}' || ${sha256("event_id")}
    else event_id
  end`;
}

/** The identity of events with this id, as it is kept. */
export function identityOfId(id: string): string {
  return [...id].length > longestId || id.startsWith(hashMark)
    ? hashMark + createHash("sha256").update(id).digest("hex")
    : id;
}

/** A text as columns have it: without U+0000, which PostgreSQL does not know. */
export function keptText(text: string): string {
  return wellFormed(text).replaceAll("\0", "\ufdd0");
}

/** Tables of both databases beside the events. */
export function factTables({ timeType }: Dialect): string[] {
  return [
    "create table sparky_events.facts (name text primary key, value text not null)",
    `create table sparky_events.periods (
      name text primary key,
      starts_at ${timeType} not null,
      ends_at ${timeType} not null,
      events bigint not null,
      total_count bigint,
      exported_at ${timeType} not null,
      state text not null,
      tool_version text
    )`,
    // What stays out by its recipient's hash, if it is from before a moment.
    `create table sparky_events.forgotten (
      recipient text primary key,
      until ${timeType} not null
    )`,
    // What was removed or stayed out, each event once, by the hash of its identity.
    `create table sparky_events.forgotten_events (
      time ${timeType} not null,
      identity text not null,
      primary key (time, identity)
    )`,
  ];
}

/**
 * The search filters of SparkPost's two event APIs, in one table that the command line, the ini
 * file, the client and the simulator share.
 *
 * Source: SparkPost API documentation, "Events API: Search for Message Events" and "Message Events
 * API (deprecated)", as of 2026.
 */

export interface SearchFilter {
  /** Query parameter of the Events API; also the option's name, with dashes. */
  readonly name: string;
  /** Query parameter of the legacy Message Events API; absent where that API lacks the filter. */
  readonly legacyName?: string;
  /** Event property that the filter compares its values with. */
  readonly property: string;
  /**
   * `exact`: the whole value, of which an event has one at most, so that each event matches one
   * value of a list; `keyword`: whole keywords, split at spaces, dashes and underscores, so that an
   * event may match several values; `domain`: as `keyword`, split at periods too.
   */
  readonly match: "exact" | "keyword" | "domain";
  /** What the values are, for help texts. */
  readonly values: string;
}

/** Every filter but `events`, which is an option in its own right. */
export const searchFilters = [
  {
    name: "recipients",
    legacyName: "recipients",
    property: "rcpt_to",
    match: "exact",
    values: "recipient addresses",
  },
  {
    name: "recipient_domains",
    property: "recipient_domain",
    match: "domain",
    values: "domains of recipients, at any level",
  },
  {
    name: "from_addresses",
    legacyName: "friendly_froms",
    property: "friendly_from",
    match: "exact",
    values: "addresses in the From header",
  },
  {
    name: "sending_domains",
    property: "sending_domain",
    match: "domain",
    values: "domains of senders, at any level",
  },
  { name: "subjects", property: "subject", match: "keyword", values: "subject lines" },
  {
    name: "campaigns",
    legacyName: "campaign_ids",
    property: "campaign_id",
    match: "keyword",
    values: "campaign ids",
  },
  {
    name: "templates",
    legacyName: "template_ids",
    property: "template_id",
    match: "keyword",
    values: "template ids",
  },
  {
    name: "bounce_classes",
    legacyName: "bounce_classes",
    property: "bounce_class",
    match: "exact",
    values: "codes, names, or hard, soft, block, admin, undetermined",
  },
  {
    name: "reasons",
    legacyName: "reason",
    property: "reason",
    match: "keyword",
    values: "reasons of bounces, failures, rejections",
  },
  {
    name: "subaccounts",
    legacyName: "subaccounts",
    property: "subaccount_id",
    match: "exact",
    values: "subaccount numbers",
  },
  { name: "ip_pools", property: "ip_pool", match: "keyword", values: "IP pools" },
  { name: "sending_ips", property: "sending_ip", match: "exact", values: "sending IP addresses" },
  {
    name: "mailbox_providers",
    legacyName: "mailbox_providers",
    property: "mailbox_provider",
    match: "keyword",
    values: "mailbox providers",
  },
  {
    name: "mailbox_provider_regions",
    legacyName: "mailbox_provider_regions",
    property: "mailbox_provider_region",
    match: "keyword",
    values: "regions of mailbox providers",
  },
  {
    name: "ab_tests",
    legacyName: "ab_test_ids",
    property: "ab_test_id",
    match: "keyword",
    values: "A/B test ids",
  },
  {
    name: "ab_test_versions",
    legacyName: "ab_test_versions",
    property: "ab_test_version",
    match: "exact",
    values: "A/B test versions; needs A/B test ids too",
  },
  {
    name: "messages",
    legacyName: "message_ids",
    property: "message_id",
    match: "exact",
    values: "message ids",
  },
  {
    name: "transmissions",
    legacyName: "transmission_ids",
    property: "transmission_id",
    match: "exact",
    values: "transmission ids",
  },
  {
    name: "event_ids",
    legacyName: "event_ids",
    property: "event_id",
    match: "exact",
    values: "event ids",
  },
] as const satisfies readonly SearchFilter[];

export type SearchFilterName = (typeof searchFilters)[number]["name"];

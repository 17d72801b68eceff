/** Columns where nobody chose any: who, what, when, which campaign, why it failed. */
export const defaultProperties = [
  "timestamp",
  "type",
  "rcpt_to",
  "friendly_from",
  "subject",
  "campaign_id",
  "template_id",
  "bounce_class",
  "error_code",
  "reason",
  "target_link_url",
  "message_id",
] as const;

/**
 * An event as SparkPost sends it, with the properties that it documents; which of them an event has
 * depends on its type. New properties appear without notice, and live ones can be of another type.
 */
export interface Event {
  /** A/B test that the message belonged to. */
  readonly ab_test_id?: string;
  /** Version number of the A/B test. */
  readonly ab_test_version?: string;
  /** Whether the message had an AMP part. */
  readonly amp_enabled?: boolean;
  /** Bounce classification code, as a string; see bounce-classes. */
  readonly bounce_class?: string;
  /** Campaign the message was sent for. */
  readonly campaign_id?: string;
  /** Whether click tracking was on for the message. */
  readonly click_tracking?: boolean;
  /** Number of the SparkPost account that sent the message. */
  readonly customer_id?: number;
  /** Protocol used to hand the message over, such as esmtp, smpp, gcm or apn. */
  readonly delv_method?: string;
  /** Device or app that a push message targets; used with the gcm and apn protocols. */
  readonly device_token?: string;
  /** Readable label of the event type; documented, but live results may omit it. */
  readonly display_name?: string;
  /** Time between sending an SMS and getting its delivery report. */
  readonly dr_latency?: string;
  /** Code the remote server gave for the failure, such as an SMTP reply code. */
  readonly error_code?: string;
  /** Readable explanation of the event type; documented, but live results may omit it. */
  readonly event_description?: string;
  /** Unique ID of the event; a large integer or UUID kept as a string. */
  readonly event_id?: string;
  /** Kind of feedback report, as in RFC 5965 (for example abuse). */
  readonly fbtype?: string;
  /** Address in the From header of the message. */
  readonly friendly_from?: string;
  /**
   * Location guessed from ip_address: country, region, city, latitude, longitude, zip, postal_code.
   */
  readonly geo_ip?: Readonly<Record<string, unknown>>;
  /** Whether the top-of-message (initial) open pixel was on. */
  readonly initial_pixel?: boolean;
  /** When SparkPost took in the message; ISO 8601, UTC. */
  readonly injection_time?: string;
  /** Host the message was delivered to; for engagement events, the client's address. */
  readonly ip_address?: string;
  /** IP pool the message was sent from. */
  readonly ip_pool?: string;
  /** Company hosting the recipient's mailbox. */
  readonly mailbox_provider?: string;
  /** Region of that mailbox provider. */
  readonly mailbox_provider_region?: string;
  /** MAIL FROM address of the original message. */
  readonly mailfrom?: string;
  /** ID of the message, unique within SparkPost. */
  readonly message_id?: string;
  /** Sender address on the SMTP envelope (return path). */
  readonly msg_from?: string;
  /** Size of the message in bytes, as a string. */
  readonly msg_size?: string;
  /** Failed tries before delivery, as a string; "0" if the first try worked. */
  readonly num_retries?: string;
  /** Whether open tracking was on for the message. */
  readonly open_tracking?: boolean;
  /** TLS on delivery: "1" used, "0" not offered, "-1" negotiation failed. */
  readonly outbound_tls?: string;
  /** Milliseconds between injection and delivery, as a string. */
  readonly queue_time?: string;
  /** Recipient address on the SMTP envelope, letter case kept. */
  readonly raw_rcpt_to?: string;
  /** Remote server response, exactly as received. */
  readonly raw_reason?: string;
  /** Hash of the recipient address; stands in for it when addresses are anonymised. */
  readonly rcpt_hash?: string;
  /** Recipient metadata set by the sender; values may be nested. */
  readonly rcpt_meta?: Readonly<Record<string, unknown>>;
  /** Substitution values used to fill in the template. */
  readonly rcpt_subs?: Readonly<Record<string, unknown>>;
  /** Tags that the sender put on the recipient. */
  readonly rcpt_tags?: readonly unknown[];
  /** Recipient address on the SMTP envelope, in lower case. */
  readonly rcpt_to?: string;
  /** Set when the recipient was a copy: cc, bcc or archive. */
  readonly rcpt_type?: string;
  /** Remote server response, with its variable parts made uniform. */
  readonly reason?: string;
  /** Domain of the recipient address. */
  readonly recipient_domain?: string;
  /** Protocol by which SparkPost took in the message. */
  readonly recv_method?: string;
  /** Host that handed the message to SparkPost. */
  readonly remote_addr?: string;
  /** Who sent the spam report. */
  readonly report_by?: string;
  /** Where the spam report was addressed. */
  readonly report_to?: string;
  /** Domain the message was routed to. */
  readonly routing_domain?: string;
  /** When the message was due to be sent; documented as Unix seconds in a string. */
  readonly scheduled_time?: string;
  /** Domain of the From address. */
  readonly sending_domain?: string;
  /** Address the message was sent from. */
  readonly sending_ip?: string;
  /** Character encoding of the SMS. */
  readonly sms_coding?: string;
  /** Number the SMS was sent to. */
  readonly sms_dst?: string;
  /** Numbering plan of the destination number. */
  readonly sms_dst_npi?: string;
  /** Type of number of the destination. */
  readonly sms_dst_ton?: string;
  /** Message IDs that the remote SMS centre gave. */
  readonly sms_remoteids?: readonly unknown[];
  /** Segment number, for a long text sent as several SMS. */
  readonly sms_segments?: number;
  /** Number or short code the SMS was sent from. */
  readonly sms_src?: string;
  /** Numbering plan of the source number. */
  readonly sms_src_npi?: string;
  /** Type of number of the source. */
  readonly sms_src_ton?: string;
  /** Text of the SMS, in the sms_coding character set. */
  readonly sms_text?: string;
  /** State that the SMS status report gives. */
  readonly stat_state?: string;
  /** Kind of SMS status report. */
  readonly stat_type?: string;
  /** Number of the subaccount that sent the message. */
  readonly subaccount_id?: number;
  /** Subject header of the message. */
  readonly subject?: string;
  /** Name given to the clicked link. */
  readonly target_link_name?: string;
  /** Address of the clicked link. */
  readonly target_link_url?: string;
  /** ID (slug) of the template used. */
  readonly template_id?: string;
  /** Version of the template used, as a string. */
  readonly template_version?: string;
  /** When the event happened; ISO 8601, UTC. */
  readonly timestamp?: string;
  /** "1" if the transmission was marked transactional. */
  readonly transactional?: string;
  /** ID of the transmission that produced the message. */
  readonly transmission_id?: string;
  /** Name of the event type. */
  readonly type?: string;
  /** User-Agent header of the recipient's client. */
  readonly user_agent?: string;
  /** user_agent split up: agent, device and OS names, with mobile, proxy and prefetch flags. */
  readonly user_agent_parsed?: Readonly<Record<string, unknown>>;
  readonly [property: string]: unknown;
}

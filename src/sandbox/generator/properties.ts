import { eventSamples, eventTypes } from "../../catalog/event-catalog.js";
import { stringifyJson } from "../json-text.js";
import { clients, hostileUserAgents, places } from "./clients.js";
import { between, draw, happens, pick } from "./draw.js";
import {
  type Failure,
  generationFailures,
  hardBounces,
  policyRejections,
  smsFailures,
  softFailures,
} from "./failures.js";
import {
  messageId,
  numericEventId,
  pseudoDigest,
  transmissionId,
  uuidEventId,
} from "./identifiers.js";
import type { Message } from "./message.js";
import { makeRecipientMeta, makeSubstitutions } from "./recipient-meta.js";

/** What an event's properties are made from. */
export interface EventFacts {
  readonly message: Message;
  readonly type: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Position among the message's events. */
  readonly ordinal: number;
  /** Root of what is drawn for this event alone. */
  readonly key: number;
}

type PropertyMaker = (event: EventFacts) => unknown;

const links = [
  { name: "Shop now", url: "https://shop.example.com/?utm_source=mail&utm_medium=email" },
  { name: "", url: "https://example.com/" },
  { name: "Über uns, kurz", url: "https://example.com/%C3%BCber?a=1,2;3" },
  { name: 'The "big" button\n(top)', url: "https://example.com/#top" },
  { name: "@footer", url: "https://example.org/unsubscribe?id=%3D1%2B1" },
] as const;

const remoteIds = ["0000", "0001", "0002", "0003", "0004"] as const;

const smsTexts = ["Your code is 0042", "Paket da! 📦\nAbholung bis 18:00", "=1+1", "lol"] as const;

const failuresByType: Readonly<Record<string, readonly Failure[]>> = {
  bounce: hardBounces,
  out_of_band: hardBounces,
  delay: softFailures,
  generation_failure: generationFailures,
  generation_rejection: generationFailures,
  policy_rejection: policyRejections,
  sms_status: smsFailures,
};

/** What recipients do: such events have a UUID and the address of the recipient's own device. */
const engagementTypes = /open$|click$|unsubscribe$/;

/** Every property that the catalog lists; `undefined` leaves it out of the event. */
const propertyMakers: Readonly<Record<string, PropertyMaker>> = {
  type: ({ type }) => type,
  timestamp: ({ time, key }) => isoTime(time, key),
  injection_time: ({ message, key }) => isoTime(message.injectionTime, key),
  event_id: ({ message, type, ordinal }) =>
    (engagementTypes.test(type) ? uuidEventId : numericEventId)(
      message.seed,
      message.number,
      ordinal,
    ),
  display_name: (event) => documentedText(event, "display_name"),
  event_description: (event) => documentedText(event, "event_description"),

  customer_id: ({ message }) => between(message.seed, "account", 10_000, 99_999),
  subaccount_id: ({ message }) => {
    if (happens(message.key, "nullSubaccount", 0.005)) return null;
    return happens(message.key, "hasSubaccount", 0.7)
      ? between(message.key, "subaccount", 101, 109)
      : undefined;
  },
  campaign_id: ({ message }) => message.campaign.id,
  template_id: ({ message }) => message.campaign.template,
  template_version: ({ message }) => pick(message.key, "templateVersion", ["1", "2", "3", "17"]),
  transmission_id: ({ message }) => transmissionId(message.seed, message.blast, message.number),
  transactional: ({ message }) => (message.blast === undefined ? "1" : "0"),
  scheduled_time: ({ message }) => scheduledTime(message),
  ab_test_id: ({ message }) => message.campaign.abTest,
  ab_test_version: ({ message }) => message.campaign.abTest && message.abVersion,

  message_id: ({ message }) => messageId(message.key, message.number),
  subject: ({ message }) => (message.channel === "sms" ? undefined : message.subject),
  msg_from: ({ message }) => `bounces+${message.key % 100_000}@${senderDomain(message)}`,
  mailfrom: ({ message }) => `bounces@${senderDomain(message)}`,
  friendly_from: ({ message }) => message.campaign.sender,
  sending_domain: ({ message }) => senderDomain(message),
  msg_size: ({ message }) => String(between(message.key, "messageSize", 1200, 98_000)),
  amp_enabled: ({ message }) => forEmail(message, message.hasAmp),
  click_tracking: ({ message }) => forEmail(message, true),
  open_tracking: ({ message }) => forEmail(message, true),
  initial_pixel: ({ message }) => forEmail(message, message.blast !== undefined),

  rcpt_to: ({ message }) => message.recipient.address,
  raw_rcpt_to: ({ message }) => message.recipient.rawAddress,
  rcpt_hash: ({ message }) => pseudoDigest(message.recipient.key),
  rcpt_meta: ({ message }) => makeRecipientMeta(message.recipient, message.key),
  rcpt_subs: ({ message }) => makeSubstitutions(message.recipient),
  rcpt_tags: ({ message }) => message.campaign.tags,
  rcpt_type: ({ message }) =>
    happens(message.key, "isCopy", 0.03)
      ? pick(message.key, "copyKind", ["cc", "bcc", "archive"])
      : undefined,
  recipient_domain: ({ message }) => message.recipient.host.domain,
  routing_domain: ({ message }) => message.recipient.host.domain,
  mailbox_provider: ({ message }) => message.recipient.host.provider,
  mailbox_provider_region: ({ message }) => message.recipient.host.region,

  ip_pool: ({ message }) => message.campaign.pool,
  sending_ip: ({ message }) => `192.0.2.${between(message.key, "sendingIp", 10, 25)}`,
  ip_address: ({ message, type }) =>
    engagementTypes.test(type)
      ? clientAddress(message)
      : `198.51.100.${message.recipient.key % 40}`,
  remote_addr: ({ message }) => `203.0.113.${message.key % 256}:${1024 + (message.key % 60_000)}`,
  recv_method: ({ message }) => (message.blast === undefined ? "esmtp" : "rest"),
  delv_method: ({ message }) =>
    message.channel === "sms" ? "smpp" : message.channel === "push" ? "gcm" : "esmtp",
  device_token: ({ message }) =>
    message.channel === "push"
      ? pseudoDigest(message.key) + pseudoDigest(message.recipient.key).slice(16)
      : undefined,
  outbound_tls: ({ type, key }) =>
    type === "delay" ? pick(key, "tls", ["0", "-1"]) : happens(key, "tls", 0.97) ? "1" : "0",
  num_retries: ({ message, type, ordinal }) =>
    String(type === "delay" ? ordinal - 1 : message.retries),
  queue_time: ({ message, type, time }) =>
    String(
      (type === "delay" ? time : message.attemptTime(message.retries)) - message.injectionTime,
    ),

  bounce_class: (event) => failureOf(event)?.bounceClass,
  error_code: (event) => failureOf(event)?.errorCode,
  reason: (event) => failureOf(event)?.reason,
  raw_reason: (event) =>
    failureOf(event)
      ?.rawReason.replace("%ip", `192.0.2.${between(event.message.key, "sendingIp", 10, 25)}`)
      .replace("%to", event.message.recipient.rawAddress),
  fbtype: ({ key }) => pick(key, "feedback", ["abuse", "fraud", "other"]),
  report_by: ({ message }) => `feedback.${message.recipient.host.domain}`,
  report_to: ({ message }) => `abuse.${senderDomain(message)}`,

  geo_ip: ({ message }) => pick(message.recipient.key, "place", places),
  user_agent: ({ message, key }) => hostileUserAgent(key) ?? clientOf(message).userAgent,
  user_agent_parsed: ({ message, key }) =>
    hostileUserAgent(key) === undefined ? clientOf(message).parsed : undefined,
  target_link_name: ({ key }) => pick(key, "link", links).name,
  target_link_url: ({ key }) => pick(key, "link", links).url,

  sms_coding: ({ message }) =>
    forSms(message, pick(message.key, "smsText", ["ASCII", "UTF16-BE", "ASCII", "ASCII"])),
  sms_dst: ({ message }) => forSms(message, phoneNumber(message.recipient.key)),
  sms_dst_npi: ({ message }) => forSms(message, "E164"),
  sms_dst_ton: ({ message }) => forSms(message, "International"),
  sms_remoteids: ({ message }) => forSms(message, remoteIds.slice(0, smsSegments(message))),
  sms_segments: ({ message }) => forSms(message, smsSegments(message)),
  sms_src: ({ message }) => forSms(message, "1234"),
  sms_src_npi: ({ message }) => forSms(message, "E164"),
  sms_src_ton: ({ message }) => forSms(message, "Unknown"),
  sms_text: ({ message }) => forSms(message, pick(message.key, "smsText", smsTexts)),
  dr_latency: ({ key }) => (between(key, "reportDelay", 1, 400) / 100).toFixed(2),
  stat_type: () => "SMSC Delivery",
  stat_state: (event) => (failureOf(event) ? "Undeliverable" : "Delivered"),
};

/** Per event type: its properties with their makers, and with their names as JSON. */
const typeProperties = new Map(
  eventTypes.map(({ type, properties }) => [
    type,
    properties.map((name) => ({ name, key: JSON.stringify(name), make: propertyMakers[name]! })),
  ]),
);

/** The event as the API shows it: properties that do not apply are left out. */
export function makeEvent(facts: EventFacts): Record<string, unknown> {
  const event: Record<string, unknown> = {};
  for (const { name, make } of typeProperties.get(facts.type)!) {
    const value = make(facts);
    if (value !== undefined) event[name] = value;
  }
  return event;
}

/** JSON of what `makeEvent` returns, in half the time that making the object first would take. */
export function makeEventJson(facts: EventFacts): string {
  let members = "";
  for (const { key, make } of typeProperties.get(facts.type)!) {
    const value = make(facts);
    if (value !== undefined) members += `${members && ","}${key}:${stringifyJson(value)}`;
  }
  return `{${members}}`;
}

/** One property of what `makeEvent` returns, without the work for the others. */
export function makeProperty(facts: EventFacts, name: string): unknown {
  const properties = typeProperties.get(facts.type)!;
  return properties.find((property) => property.name === name)?.make(facts);
}

function isoTime(time: number, eventKey: number): string {
  const text = new Date(time).toISOString();
  return happens(eventKey, "timeForm", 0.03) ? text.replace("Z", "+00:00") : text;
}

/** `display_name` and `event_description` are documented for all types, but mostly absent. */
function documentedText(event: EventFacts, property: string): unknown {
  if (!happens(event.key, "hasDescription", 0.02)) return undefined;
  return eventSamples.find(({ type }) => type === event.type)?.[property];
}

/** Documented as Unix seconds in a string; a few are in the other form that occurs. */
function scheduledTime(message: Message): string | undefined {
  if (message.blast === undefined) return undefined;
  const time = message.times.blastStarts[message.blast]!;
  return happens(message.key, "scheduledForm", 0.02)
    ? new Date(time).toISOString()
    : String(time / 1000);
}

function failureOf({ message, type, key }: EventFacts): Failure | undefined {
  if (type === "sms_status" && !happens(message.key, "smsFails", 0.1)) return undefined;
  const failures = failuresByType[type];
  return failures && pick(type === "delay" ? key : message.key, "failure", failures);
}

function hostileUserAgent(eventKey: number): string | undefined {
  return happens(eventKey, "isHostile", 0.02)
    ? pick(eventKey, "userAgent", hostileUserAgents)
    : undefined;
}

function clientOf({ recipient }: Message): (typeof clients)[number] {
  return pick(recipient.key, "userAgent", clients);
}

function clientAddress({ recipient }: Message): string {
  return happens(recipient.key, "hasIpv6", 0.2)
    ? `2001:db8::${(draw(recipient.key, "clientIp") >>> 16).toString(16)}`
    : `203.0.113.${between(recipient.key, "clientIp", 1, 254)}`;
}

function senderDomain({ campaign }: Message): string {
  return campaign.sender.slice(campaign.sender.indexOf("@") + 1);
}

function phoneNumber(key: number): string {
  return `1202555${between(key, "phone", 100, 9999)}`;
}

function smsSegments(message: Message): number {
  return between(message.key, "smsSegments", 1, 5);
}

function forSms<Value>(message: Message, value: Value): Value | undefined {
  return message.channel === "sms" ? value : undefined;
}

function forEmail<Value>(message: Message, value: Value): Value | undefined {
  return message.channel === "email" ? value : undefined;
}

import { mix } from "../mix.js";
import { between, draw, happens, pick } from "./draw.js";

const firstNames = withPlainLetters([
  "Ana",
  "Björn",
  "Chloé",
  "Dmitri",
  "Émilie",
  "Fatima",
  "Grace",
  "Hyun-woo",
  "Ines",
  "José",
  "Kenji",
  "Łukasz",
  "Mary Ann",
  "Nuño",
  "Olu",
  "Priya",
  "Seán",
  "Zoë",
  "Владимир",
  "美咲",
]);

const lastNames = withPlainLetters([
  "Andersson",
  "Brown",
  "Çelik",
  "Dvořák",
  "Fernández, Jr.",
  "García",
  "Haddad",
  "Ito",
  "Kowalski",
  "Lopez",
  "Müller",
  "Nguyen",
  "O'Brien",
  "Patel",
  "Smith",
  "Sørensen",
  "Weiß",
  "王",
]);

interface MailboxHost {
  readonly domain: string;
  readonly provider: string;
  readonly region: string;
}

const mailboxHosts: readonly MailboxHost[] = [
  { domain: "example.com", provider: "Gsuite", region: "Global" },
  { domain: "example.com", provider: "Gsuite", region: "Global" },
  { domain: "mail.example.com", provider: "Gmail", region: "Global" },
  { domain: "example.net", provider: "Office 365", region: "North America" },
  { domain: "post.example.org", provider: "Hosted-Mail_Co", region: "Europe - DACH" },
  { domain: "example.org", provider: "Self Hosted", region: "Europe - UK" },
  { domain: "students.uni.example", provider: "Other", region: "Europe - UK" },
  { domain: "bücher.example", provider: "Other", region: "Europe - DACH" },
  { domain: "mail.example.co.jp", provider: "Yokohama Mail", region: "Asia Pacific - Japan" },
];

const population = 250_000;

/** A person with a mailbox; the same person gets many messages. */
export interface Recipient {
  readonly host: MailboxHost;
  readonly key: number;
  /** Number of the person, unique among recipients. */
  readonly number: number;
  readonly firstName: string;
  /** First and last name. */
  readonly name: string;
  /** Address in lower case. */
  readonly address: string;
  /** Address as the sender wrote it. */
  readonly rawAddress: string;
}

export function makeRecipient(seed: number, messageKey: number): Recipient {
  const number = draw(messageKey, "recipient") % population;
  const key = mix(mix(seed, 0x5eed), number);
  const first = pick(key, "firstName", firstNames);
  const last = pick(key, "lastName", lastNames);
  const host = pick(key, "mailboxHost", mailboxHosts);
  const rawAddress = `${localPart(key, first, last)}${number}@${host.domain}`;
  return {
    host,
    key,
    number,
    name: `${first.name} ${last.name}`,
    firstName: first.name,
    address: rawAddress.toLowerCase(),
    rawAddress,
  };
}

function localPart(key: number, first: Name, last: Name): string {
  if (happens(key, "quotedAddress", 0.01)) return `"${first.plain}, ${last.plain}"+`;
  if (happens(key, "letterCase", 0.1)) return `${first.plain}.${last.plain}`;
  const [firstPart, lastPart] = [first.plain.toLowerCase(), last.plain.toLowerCase()];
  const style = between(key, "addressStyle", 0, 2);
  if (style === 0) return `${firstPart}+shop`;
  return style === 1 ? `${firstPart}_${lastPart}` : `${firstPart}.${lastPart}`;
}

interface Name {
  readonly name: string;
  /** The letters of the name that most mail systems take in an address. */
  readonly plain: string;
}

function withPlainLetters(names: readonly string[]): Name[] {
  return names.map((name) => ({
    name,
    plain: name.normalize("NFD").replaceAll(/[^A-Za-z]/g, "") || "user",
  }));
}

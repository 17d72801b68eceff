import { mix } from "../mix.js";
import { awkwardSubjects, blastCampaigns, type Campaign, triggeredCampaigns } from "./campaigns.js";
import { between, fraction, happens, logBetween, pick } from "./draw.js";
import { makeRecipient, type Recipient } from "./recipients.js";
import type { SendingTimes } from "./sending-times.js";

/** How the message travels: by mail, by SMS, or as a push message to an app. */
export type Channel = "email" | "sms" | "push";

/** What becomes of the message. */
export type Outcome =
  | "generation_failure"
  | "generation_rejection"
  | "policy_rejection"
  | "bounce"
  | "delivery";

const outcomeShares: readonly (readonly [Outcome, number])[] = [
  ["generation_failure", 0.004],
  ["generation_rejection", 0.004],
  ["policy_rejection", 0.006],
  ["bounce", 0.035],
];

/** Facts that all the events of one message share; each is worked out when first asked for. */
export class Message {
  /** Root of everything drawn for this message. */
  readonly key: number;
  readonly blast: number | undefined;
  #recipient: Recipient | undefined;
  #injectionTime: number | undefined;

  constructor(
    readonly seed: number,
    readonly number: number,
    readonly times: SendingTimes,
  ) {
    this.key = mix(seed, number);
    this.blast = times.blastOf(this.key);
  }

  get recipient(): Recipient {
    this.#recipient ??= makeRecipient(this.seed, this.key);
    return this.#recipient;
  }

  get campaign(): Campaign {
    return this.blast === undefined
      ? pick(this.key, "campaign", triggeredCampaigns)
      : blastCampaigns[this.blast]!;
  }

  get channel(): Channel {
    if (this.blast !== undefined) return "email";
    const share = fraction(this.key, "channel");
    return share < 0.03 ? "sms" : share < 0.04 ? "push" : "email";
  }

  get hasAmp(): boolean {
    return happens(this.key, "amp", 0.06);
  }

  get outcome(): Outcome {
    let share = fraction(this.key, "outcome");
    for (const [outcome, probability] of outcomeShares) {
      share -= probability;
      if (share < 0) return outcome;
    }
    return "delivery";
  }

  get subject(): string {
    const template = happens(this.key, "awkwardSubject", 0.004)
      ? pick(this.key, "subject", awkwardSubjects)
      : this.campaign.subject;
    return template.replace("%name", this.recipient.firstName);
  }

  get abVersion(): string {
    return String(between(this.key, "abVersion", 1, 3));
  }

  /** Milliseconds since 1970. */
  get injectionTime(): number {
    this.#injectionTime ??= this.times.injectionTime(this.key, this.blast);
    return this.#injectionTime;
  }

  /** Failed tries before the one that decides the outcome. */
  get retries(): number {
    return happens(this.key, "retries", 0.05) ? between(this.key, "retryCount", 1, 3) : 0;
  }

  /** When try number `attempt`, counted from 0, has its result; milliseconds since 1970. */
  attemptTime(attempt: number): number {
    const firstTry = Math.floor(logBetween(this.key, "queueTime", 150, 20_000));
    const gap = logBetween(this.key, "retryGap", 60_000, 900_000);
    // Each wait is twice as long as the one before.
    return this.injectionTime + firstTry + Math.floor(gap * (2 ** attempt - 1));
  }
}

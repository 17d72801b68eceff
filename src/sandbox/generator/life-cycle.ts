import { unitLength } from "../../time/units.js";
import { between, fraction, happens, logBetween } from "./draw.js";
import type { Message } from "./message.js";

const { minute, hour, day } = unitLength;

/** Takes one event of the message; `time` is in milliseconds since 1970. */
export type EmitEvent = (type: string, time: number) => void;

/** All the events that the message causes, sooner or later. */
export function emitLifeCycle(message: Message, emit: EmitEvent): void {
  const { outcome } = message;
  if (outcome !== "bounce" && outcome !== "delivery") {
    emit(outcome, message.injectionTime);
    return;
  }
  emit("injection", message.injectionTime);
  const { retries } = message;
  for (let attempt = 0; attempt < retries; attempt++) {
    emit("delay", message.attemptTime(attempt));
  }
  const decided = message.attemptTime(retries);
  emit(outcome, decided);
  if (outcome === "bounce") return;
  if (message.channel === "sms") emit("sms_status", delayed(message, decided, minute));
  if (message.channel === "email") emitReactions(message, decided, emit);
}

/** What receiving servers and recipients do with a delivered message. */
function emitReactions(message: Message, delivered: number, emit: EmitEvent): void {
  const { key } = message;
  if (happens(key, "outOfBand", 0.006)) emit("out_of_band", delayed(message, delivered, 6 * hour));
  if (!happens(key, "opens", 0.38)) return;

  const prefix = message.hasAmp && happens(key, "ampClient", 0.7) ? "amp_" : "";
  const seen = message.times.wakingTime(delayed(message, delivered, 3 * day), key);
  emit(`${prefix}initial_open`, seen);
  if (happens(key, "secondPixel", 0.85)) {
    emit(`${prefix}open`, seen + between(key, "secondPixelDelay", 200, 9000));
  }

  const clicks = happens(key, "clicks", 0.2) ? between(key, "clickCount", 1, 3) : 0;
  for (let click = 1; click <= clicks; click++) {
    emit(`${prefix}click`, seen + click * between(key, "clickGap", 10_000, 90_000));
  }
  const annoyance = fraction(key, "annoyance");
  const later = seen + between(key, "annoyanceDelay", 2000, 300_000);
  if (annoyance < 0.01) emit("list_unsubscribe", later);
  else if (annoyance < 0.02) emit("link_unsubscribe", later);
  else if (annoyance < 0.03) emit("spam_complaint", later + hour);
}

/** A time after `start`: mostly soon, at the latest after `longest` milliseconds. */
function delayed(message: Message, start: number, longest: number): number {
  return start + Math.floor(logBetween(message.key, "reactionDelay", 2000, longest));
}

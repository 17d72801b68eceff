import { eventTypes } from "../catalog/event-catalog.js";
import type { EventSource } from "./event-source.js";
import { emitLifeCycle } from "./generator/life-cycle.js";
import { Message } from "./generator/message.js";
import { orderByAge } from "./generator/order-by-age.js";
import { type EventFacts, makeEvent, makeEventJson, makeProperty } from "./generator/properties.js";
import { SendingTimes } from "./generator/sending-times.js";
import { compareIdentities, identityOf } from "./identity.js";
import { JsonBlocks } from "./json-blocks.js";
import { mix } from "./mix.js";

export interface GeneratorOptions {
  /** How many events to make. */
  readonly events: number;
  /** The same seed and `now` always give the same events. */
  readonly seed: number;
  /** End of the events' time range, exclusive, in milliseconds since 1970. */
  readonly now: number;
}

const typeNames = eventTypes.map(({ type }) => type);
const typeNumbers = new Map(typeNames.map((type, number) => [type, number]));

/**
 * Makes up events of the 10 days before `now`, an hour short, for messages that are sent, opened,
 * bounced and so on.
 *
 * Only the outline of each event is kept; the rest is worked out when asked for.
 */
export function generateEvents(options: GeneratorOptions): EventSource {
  const { seed } = options;
  const times = new SendingTimes(seed, options.now);
  const outlines = outlineEvents(options, times);
  const order = orderByAge(outlines.ages);

  const timestampOf = (index: number): number => times.end - 1 - outlines.ages[order[index]!]!;
  const typeOf = (index: number): string => typeNames[outlines.types[order[index]!]!]!;
  const factsOf = (index: number): EventFacts => {
    const position = order[index]!;
    const message = new Message(seed, outlines.messages[position]!, times);
    const ordinal = outlines.ordinals[position]!;
    return {
      message,
      ordinal,
      type: typeOf(index),
      time: timestampOf(index),
      key: mix(message.key, ordinal + 0x10000),
    };
  };
  sortTies(order, outlines.ages, (index) =>
    identityOf(makeProperty(factsOf(index), "event_id"), () => makeEventJson(factsOf(index))),
  );
  const blocks = new JsonBlocks(options.events, (index) => makeEventJson(factsOf(index)));
  return {
    length: options.events,
    timestampOf,
    typeOf,
    propertyOf: (index, name) => makeProperty(factsOf(index), name),
    event: (index) => makeEvent(factsOf(index)),
    json: (indices) => blocks.chunks(indices),
  };
}

/** Orders events of the same age by their identities. */
function sortTies(
  order: Uint32Array,
  ages: Uint32Array,
  identityAt: (index: number) => string,
): void {
  for (let start = 0; start < order.length; ) {
    const age = ages[order[start]!];
    let end = start + 1;
    while (end < order.length && ages[order[end]!] === age) end++;
    if (end - start > 1) {
      const tied = Array.from(order.subarray(start, end), (position, i) => ({
        position,
        identity: identityAt(start + i),
      }));
      tied.sort((a, b) => compareIdentities(a.identity, b.identity));
      order.set(
        tied.map(({ position }) => position),
        start,
      );
    }
    start = end;
  }
}

/** The events in the order of their messages, as columns. */
interface EventOutlines {
  /** Milliseconds from the event to the last one that there can be. */
  readonly ages: Uint32Array;
  readonly types: Uint8Array;
  readonly messages: Uint32Array;
  /** Position of the event among its message's events. */
  readonly ordinals: Uint8Array;
}

function outlineEvents({ events, seed }: GeneratorOptions, times: SendingTimes): EventOutlines {
  const outlines = {
    ages: new Uint32Array(events),
    types: new Uint8Array(events),
    messages: new Uint32Array(events),
    ordinals: new Uint8Array(events),
  };
  let count = 0;
  for (let message = 0; count < events; message++) {
    let ordinal = 0;
    emitLifeCycle(new Message(seed, message, times), (type, time) => {
      // What lies ahead of now has not happened yet.
      if (time >= times.end || count === events) return;
      outlines.ages[count] = times.end - 1 - time;
      outlines.types[count] = typeNumbers.get(type)!;
      outlines.messages[count] = message;
      outlines.ordinals[count] = ordinal++;
      count++;
    });
  }
  return outlines;
}

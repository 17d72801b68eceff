import { Buffer } from "node:buffer";

/** Numbers from 0 up to a limit, exclusive. The same seed gives the same numbers. */
export type Random = (limit: number) => number;

/** Mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return Math.floor((((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

/** What JSON is made of, and what it must not hold. */
const fragments = [
  ...'{ } [ ] : , " \\ / 0 1 - + . e E u t n true false null 1.50 -0 1e5 [] {} ,, ""'.split(" "),
  ...['"a":', '"type":"open",', '"results":[', '"total_count":3,', '"links":{},', '"__proto__":'],
  ...["\\n", "\\/", '\\"', "\\\\", "\\u0022", "\\u00e9", "\\ud83d", "\\ude00", "\\u002C", "\\r"],
  ...[" ", "\n", "\t", "\r", "\0", "\x1f", "\x7f", "\u00a0", "\u2028", "\ufeff", "é", "😀"],
].map((text) => Buffer.from(text));

const significant = Buffer.from('{}[]:,"\\');

interface Run {
  readonly start: number;
  readonly end: number;
}

function pickRun(body: Buffer, random: Random): Run {
  const start = random(body.length + 1);
  const longest = random(8) === 0 ? body.length : 16;
  return { start, end: Math.min(body.length, start + random(longest)) };
}

/** A run from one significant byte to another, so that whole tokens and values move. */
function pickTokens(body: Buffer, random: Random): Run {
  const from = nextSignificant(body, random(body.length + 1));
  let end = from;
  for (let tokens = random(12); tokens >= 0; tokens--) {
    end = nextSignificant(body, end + 1);
  }
  return { start: from, end };
}

function nextSignificant(body: Buffer, from: number): number {
  let index = Math.min(from, body.length);
  while (index < body.length && !significant.includes(body[index]!)) {
    index++;
  }
  return index;
}

function replace(body: Buffer, { start, end }: Run, replacement: Uint8Array): Buffer {
  return Buffer.concat([body.subarray(0, start), replacement, body.subarray(end)]);
}

type Mutation = (body: Buffer, random: Random) => Buffer;

const runMutations: readonly ((body: Buffer, run: Run, random: Random) => Buffer)[] = [
  function cut(body, run) {
    return replace(body, run, Buffer.alloc(0));
  },
  function duplicate(body, { start, end }) {
    return replace(body, { start, end: start }, body.subarray(start, end));
  },
  function copyElsewhere(body, { start, end }, random) {
    const at = random(body.length + 1);
    return replace(body, { start: at, end: at }, body.subarray(start, end));
  },
  function swap(body, first, random) {
    const second = pickTokens(body, random);
    if (second.start < first.end) {
      return body;
    }
    return Buffer.concat([
      body.subarray(0, first.start),
      body.subarray(second.start, second.end),
      body.subarray(first.end, second.start),
      body.subarray(first.start, first.end),
      body.subarray(second.end),
    ]);
  },
  function replaceByFragment(body, run, random) {
    return replace(body, run, fragments[random(fragments.length)]!);
  },
];

const pointMutations: readonly Mutation[] = [
  function flipBit(body, random) {
    const changed = Buffer.from(body);
    const at = random(body.length);
    changed[at] = body[at]! ^ (1 << random(8));
    return changed;
  },
  function setByte(body, random) {
    const changed = Buffer.from(body);
    changed[random(body.length)] = random(256);
    return changed;
  },
  function insertFragment(body, random) {
    const at = random(body.length + 1);
    return replace(body, { start: at, end: at }, fragments[random(fragments.length)]!);
  },
  function insertBeforeToken(body, random) {
    const at = nextSignificant(body, random(body.length + 1));
    return replace(body, { start: at, end: at }, fragments[random(fragments.length)]!);
  },
  function truncate(body, random) {
    return body.subarray(0, random(body.length + 1));
  },
];

/** Changes a few places of the body, some so gently that it often stays JSON. */
export function mutate(body: Buffer, random: Random): Buffer {
  let mutated = body;
  for (let changes = random(3); changes >= 0 && mutated.length > 0; changes--) {
    const choice = random(runMutations.length * 2 + pointMutations.length);
    if (choice < runMutations.length * 2) {
      const pick = choice % 2 === 0 ? pickRun : pickTokens;
      mutated = runMutations[choice >> 1]!(mutated, pick(mutated, random), random);
    } else {
      mutated = pointMutations[choice - runMutations.length * 2]!(mutated, random);
    }
  }
  return mutated;
}

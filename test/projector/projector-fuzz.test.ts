/**
 * Holds the projector and the reference together on damaged pages.
 *
 * A short run is part of the tests. To run for as long as you like, from a random seed:
 *
 *     FUZZ_SECONDS=600 npx vitest run test/projector/projector-fuzz
 *
 * FUZZ_SEED chooses the seed. A failure prints what to run to see the same case again.
 */
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { parseColumns } from "../../src/csv/column-list.js";
import { type CsvLayout, completeLayout, excelFormat } from "../../src/csv/csv-layout.js";
import { createCsvReference } from "../../src/csv/csv-reference.js";
import { csvFormat } from "../../src/formats/csv-format.js";
import { jsonLinesFormat } from "../../src/formats/json-lines-format.js";
import type { RecordFormat } from "../../src/formats/record-format.js";
import { createLineReference } from "../../src/json-lines/line-reference.js";
import type { PageConverter } from "../../src/pages/page-converter.js";
import { generateEvents } from "../../src/sandbox/generated-events.js";
import { times } from "../support/random-numbers.js";
import { createRandom, mutate, type Random } from "./mutations.js";
import { outcomeOf } from "./outcome.js";
import { createStreamConverter } from "./stream-converter.js";

const { FUZZ_SECONDS, FUZZ_SEED, FUZZ_CASE } = process.env;
const seconds = Number(FUZZ_SECONDS ?? 0);
const defaultSeed = seconds > 0 ? Date.now() % 2 ** 31 : 1;
const seed = Number(FUZZ_SEED ?? defaultSeed);
const firstCase = Number(FUZZ_CASE ?? 0);
const minCases = FUZZ_CASE === undefined ? times(2_000, 15_000) : 1;

const source = generateEvents({ events: 2000, seed: 5, now: Date.parse("2026-11-20") });

interface Pair {
  readonly format: RecordFormat["identity"];
  readonly projector: PageConverter;
  readonly reference: PageConverter;
}

const layouts: readonly CsvLayout[] = [
  { columns: "*" },
  { columns: "*", zone: "Asia/Kathmandu", ...excelFormat },
  {
    columns: "timestamp, type, rcpt_to, subject, reason, geo_ip, a, __proto__",
    escapeFormulas: false,
  },
  { columns: "rcpt_meta", delimiter: ";" } as const,
  { columns: "user_agent_parsed, raw_reason", delimiter: "\t", quoteText: true } as const,
  {
    columns:
      "injection_time, rcpt_meta.a AS A, rcpt_meta, geo_ip.country, rcpt_tags.0, rcpt_tags.1, user_agent_parsed.os_family, rcpt_meta.a",
    zone: "America/New_York",
  },
  { columns: "scheduled_time, timestamp, timestamp AS again", timestampFormat: "epoch" } as const,
  { columns: "timestamp, type, event, event_id" },
  { columns: "event, subject, event AS again", delimiter: "\t", escapeFormulas: false } as const,
  {
    columns: "type, subject, rcpt_meta, timestamp, a, event",
    escapeFormulas: false,
    quote: "\u0001",
  } as const,
].map(({ columns, ...parts }) => completeLayout({ columns: parseColumns(columns), ...parts }));

/** Each projector sees many pages, whole and damaged, one after the other. */
const pairs: readonly Pair[] = [
  ...layouts.map((layout) => [csvFormat(layout), createCsvReference(layout)] as const),
  [jsonLinesFormat("UTC", "UTC"), createLineReference("UTC")] as const,
].map(([format, reference]) => ({
  format: format.identity,
  projector: createStreamConverter(format),
  reference,
}));

function pageOf(random: Random): Buffer {
  const indices = Uint32Array.from({ length: random(5) }, () => random(source.length));
  const links = random(2) === 0 ? '{"next":"/next?cursor=a"}' : '[{"rel":"next","href":"/next"}]';
  return Buffer.concat([
    Buffer.from('{"results":['),
    ...source.json(indices),
    Buffer.from(`],"total_count":${random(1000)},"links":${links}}`),
  ]);
}

test("damaged pages are converted and rejected with the reference", {
  timeout: (seconds + 60) * 1000,
}, async () => {
  const end = performance.now() + seconds * 1000;
  let accepted = 0;
  let number = firstCase;
  for (; number < firstCase + minCases || performance.now() < end; number++) {
    const random = createRandom(seed + Math.imul(number, 0x9e3779b1));
    const { format, projector, reference } = pairs[random(pairs.length)]!;
    const body = mutate(pageOf(random), random);
    const [to = 0, from = 0] = [random(source.length), random(source.length)]
      .sort((a, b) => a - b)
      .map((index) => source.timestampOf(index));
    const expected = outcomeOf(reference, body, { from, to });
    accepted += typeof expected === "string" ? 0 : 1;
    expect(
      outcomeOf(projector, body, { from, to }),
      `format ${JSON.stringify(format)}, from ${from} to ${to}\npage ${JSON.stringify(body.toString("latin1"))}\nas Latin-1. ` +
        `To see it again: FUZZ_SEED=${seed} FUZZ_CASE=${number} npx vitest run test/projector/projector-fuzz`,
    ).toStrictEqual(expected);
    if (number % 100 === 0) {
      // Lets the test runner hear from us.
      await setImmediate();
    }
  }
  const cases = number - firstCase;
  if (seconds > 0) {
    console.log(`${cases} cases from seed ${seed}, ${accepted} of them valid`);
  }
  if (cases > 1) {
    // Either kind has to be common, or the fuzzer has become blind.
    expect(accepted / cases).toBeGreaterThan(0.1);
    expect(accepted / cases).toBeLessThan(0.9);
  }
});

import fc from "fast-check";
import { test } from "vitest";
import { times } from "../support/random-numbers.js";
import { answer, anyValue, names, time } from "./json-texts.js";
import { anyLayout, layoutOf } from "./layouts.js";
import { createComparison } from "./outcome.js";

const name = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...names) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 5 }) },
);
const path = fc.oneof(
  { weight: 1, arbitrary: fc.constant([]) },
  { weight: 4, arbitrary: name.map((one) => [one]) },
  { weight: 2, arbitrary: fc.array(name, { minLength: 2, maxLength: 3 }) },
);
const layout = anyLayout(path);

/** Bytes that mean something in JSON, or are no UTF-8. */
const bytes = fc.constantFrom(...Buffer.from('{}[]:,"\\/ \n\t0.-+eEut\0\xe2\xff', "latin1"));

test("arbitrary answers come out as from the reference", () => {
  fc.assert(
    fc.property(
      layout,
      fc.array(answer, { minLength: 1, maxLength: 3 }),
      time,
      time,
      (wanted, bodies, from, to) => {
        const compare = createComparison(wanted);
        for (const body of bodies) {
          compare(body, { from, to });
        }
      },
    ),
    { numRuns: times(150, 1500) },
  );
});

test("arbitrary values come out as from the reference, whether or not they are wanted", () => {
  const compare = createComparison(layoutOf(["x"]));
  fc.assert(
    fc.property(anyValue, (value) => {
      compare(`{"results":[{"x":${value}},{"y":${value},"x":[${value}]}]}`);
    }),
    { numRuns: times(300, 3000) },
  );
});

test("arbitrary values come out as from the reference along arbitrary paths", () => {
  fc.assert(
    fc.property(layout, fc.array(anyValue), (wanted, values) => {
      const owners = wanted.columns
        .flatMap(({ path }) => path.slice(0, 1))
        .map((owner) => JSON.stringify(owner));
      const events = values.map(
        (value, index) => `{${owners[index % owners.length] ?? '"x"'}:${value}}`,
      );
      createComparison(wanted)(`{"results":[${events}]}`);
    }),
    { numRuns: times(150, 1500) },
  );
});

test("answers with a few wrong bytes are accepted and rejected with the reference", () => {
  const edit = fc.record({
    at: fc.nat(),
    length: fc.nat({ max: 2 }),
    inserted: fc.array(bytes, { maxLength: 2 }),
  });
  fc.assert(
    fc.property(
      layout,
      answer,
      fc.array(edit, { minLength: 1, maxLength: 3 }),
      (wanted, text, edits) => {
        const body = [...Buffer.from(text)];
        for (const { at, length, inserted } of edits) {
          body.splice(at % (body.length + 1), length, ...inserted);
        }
        createComparison(wanted)(Uint8Array.from(body));
      },
    ),
    { numRuns: times(300, 3000) },
  );
});

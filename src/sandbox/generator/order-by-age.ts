const digitBits = 16;
const digits = 2 ** digitBits;

/**
 * The positions of `ages` in rising order of age; those of the same age keep their order.
 *
 * A radix sort: a comparing sort of a million events would take up most of the start.
 */
export function orderByAge(ages: Uint32Array): Uint32Array {
  let order = Uint32Array.from(ages.keys());
  for (const shift of [0, digitBits]) {
    const starts = new Uint32Array(digits + 1);
    for (const age of ages) starts[((age >>> shift) % digits) + 1]!++;
    for (let digit = 0; digit < digits; digit++) starts[digit + 1]! += starts[digit]!;
    const sorted = new Uint32Array(order.length);
    for (const position of order) {
      const digit = (ages[position]! >>> shift) % digits;
      sorted[starts[digit]!++] = position;
    }
    order = sorted;
  }
  return order;
}

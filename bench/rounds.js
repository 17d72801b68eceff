/**
 * Takes turns: A B C, A B C, … so that a slow spell of the machine meets them all.
 *
 * @template Name
 * @param {Map<Name, () => Promise<number>>} competitors each returns what it measured
 * @param {number} count number of rounds
 * @param {string} [title] for notes of the progress, on standard error
 * @returns {Promise<Map<Name, number[]>>} a number per round
 */
export async function runRounds(competitors, count, title) {
  const measured = new Map([...competitors.keys()].map((name) => [name, []]));
  for (let round = 1; round <= count; round++) {
    if (title !== undefined) {
      process.stderr.write(`${title}: round ${round} of ${count}\n`);
    }
    for (const [name, measure] of competitors) {
      measured.get(name).push(await measure());
    }
  }
  return measured;
}

export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** How many times as large `numbers` are as `others`, round by round; the median of that. */
export function medianRatio(numbers, others) {
  return median(numbers.map((number, round) => number / others[round]));
}

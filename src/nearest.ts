/**
 * Finds the known word that a mistyped one was probably meant to be. Upper and lower case count as
 * equal.
 *
 * @returns the closest word, the first of several equally close ones, or `undefined` when even the
 *   closest differs in more than a third of the letters typed.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const typed = word.toLowerCase();
  // Short words get one typing mistake too, but a single letter never becomes another one.
  let allowed = Math.min(Math.max(1, Math.floor(typed.length / 3)), typed.length - 1);
  let closest: string | undefined;
  for (const candidate of known) {
    if (Math.abs(candidate.length - typed.length) > allowed) continue;
    const mistakes = countMistakes(typed, candidate.toLowerCase());
    if (mistakes < allowed || (mistakes === allowed && closest === undefined)) {
      allowed = mistakes;
      closest = candidate;
    }
  }
  return closest;
}

/** Damerau-Levenshtein distance (optimal string alignment): a swap of neighbours is one mistake. */
function countMistakes(typed: string, meant: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: meant.length + 1 }, (_, column) => column);
  for (let row = 1; row <= typed.length; row++) {
    const current = [row];
    for (let column = 1; column <= meant.length; column++) {
      const same = typed[row - 1] === meant[column - 1];
      let mistakes = Math.min(
        last[column]! + 1,
        current[column - 1]! + 1,
        last[column - 1]! + (same ? 0 : 1),
      );
      if (typed[row - 1] === meant[column - 2] && typed[row - 2] === meant[column - 1]) {
        mistakes = Math.min(mistakes, beforeLast[column - 2]! + 1);
      }
      current.push(mistakes);
    }
    beforeLast = last;
    last = current;
  }
  return last[meant.length]!;
}

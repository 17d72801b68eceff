/** Lower case of the letters of ASCII; all else stays. */
export function foldAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/**
 * Lower case, each letter for itself: where Unicode's lower case is two letters it is the first of them,
 * and no letter depends on where in a word it stands. Databases have the same.
 */
export function foldCase(text: string): string {
  return text.replaceAll("İ", "i").replaceAll("Σ", "σ").toLowerCase();
}

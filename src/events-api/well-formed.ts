/** The text with U+FFFD for each half of a surrogate pair that lacks the other. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\ufffd");
}

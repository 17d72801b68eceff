/** A name as it compares with others: upper and lower case, spaces, `-` and `_` make no difference. */
export function nameKey(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, "");
}

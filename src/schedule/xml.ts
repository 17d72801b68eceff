/**
 * Text for an XML element. Beyond ASCII it is written as character references, so that
 * no program on the way can take its encoding for another.
 */
export function xmlText(text: string): string {
  return text.replaceAll(
    /[&<>]|[^ -~]/gu,
    (character) => `&#x${character.codePointAt(0)?.toString(16).toUpperCase()};`,
  );
}

/** Controls but for line feed and tab, marks of direction and other invisible ones, halves of pairs. */
const steering = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * Text that a terminal only shows, whatever is in it: what could steer the terminal, or make the text
 * look like another one, is written out as JSON does it: `\u001b`. JSON stays the same JSON.
 */
export function harmless(text: string): string {
  return text.replaceAll(steering, (character) =>
    Array.from({ length: character.length }, (_, index) => {
      const code = character.charCodeAt(index).toString(16).padStart(4, "0");
      return `\\u${code}`;
    }).join(""),
  );
}

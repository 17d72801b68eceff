/** Something in quotes, which is left alone, or `@name` or `@"a, b"` as an item of the list. */
const item =
  /(?<start>^|[,\n])(?<space>\s*)@(?:"(?<quoted>(?:[^"\n]|"")*)"|(?<plain>[^,\n]*))|"(?:[^"\n]|"")*"/g;

/**
 * A list of columns in which what a file holds stands in the place of each `@name`.
 *
 * @param read the text of a file
 */
export function withColumnFiles(list: string, read: (file: string) => string): string {
  return list.replaceAll(item, (text, ...match) => {
    const { start, space, quoted, plain } = match.at(-1) as Record<string, string | undefined>;
    return start === undefined
      ? text
      : start + space + read(quoted?.replaceAll('""', '"') ?? plain?.trim() ?? "");
  });
}

/**
 * Works on all items, on so many of them at once, in their order. After a failure no other item is
 * begun, and the ones that are under way are waited for.
 *
 * @throws what the first failing work threw
 */
export async function forEachConcurrently<Item>(
  most: number,
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  const waiting = items.entries();
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      if (failures.length > 0) {
        return;
      }
      await work(item, index).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
  if (failures.length > 0) {
    throw failures[0];
  }
}

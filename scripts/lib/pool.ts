/** Does work on several items at once, never more than a given number, for machines whose cores are few. */

/** Calls `work` for every item, at most `width` at a time, and gives the results in the items' order. */
export async function pooled<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Map<number, Result>();
  const queue = items.entries();
  const drain = async (): Promise<void> => {
    for (const [index, item] of queue) results.set(index, await work(item));
  };
  await Promise.all(Array.from({ length: width }, drain));
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}

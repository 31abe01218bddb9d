/** Work on many things, some of them at a time. */

/**
 * Like `Promise.all` over `work`, with at most `limit` of them under way. Results stand in the order of the items.
 * @throws what the first of `work` to fail throws; what is under way by then goes on, and no more is begun
 */
export async function sideBySide<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = new Array(items.length);
  const waiting = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of waiting) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}

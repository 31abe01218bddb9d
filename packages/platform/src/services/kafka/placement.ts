/** Where copies of a topic's partitions go when their number changes. Pure. */

/**
 * Each partition keeps the first of its copies; further ones go to the brokers that have fewest, in turn. Leaving copies
 * out takes the last ones, so that no leader moves.
 * @returns undefined when there are fewer brokers than copies
 */
export function replicasFor(
  current: readonly (readonly number[])[],
  copies: number,
  brokers: readonly number[],
): readonly (readonly number[])[] | undefined {
  if (copies > brokers.length) return undefined;
  const load = new Map(brokers.map((broker) => [broker, 0]));
  const count = (broker: number) => load.set(broker, (load.get(broker) ?? 0) + 1);
  const kept = current.map((replicas) => replicas.slice(0, copies));
  for (const replicas of kept) for (const broker of replicas) count(broker);
  return kept.map((replicas, partition) => {
    const placed = [...replicas];
    while (placed.length < copies) {
      const [next] = brokers
        .filter((broker) => !placed.includes(broker))
        .map((broker, i) => ({
          broker,
          rank: [load.get(broker) ?? 0, (i - partition + current.length * brokers.length) % brokers.length],
        }))
        .sort((a, b) => (a.rank[0] ?? 0) - (b.rank[0] ?? 0) || (a.rank[1] ?? 0) - (b.rank[1] ?? 0));
      if (next === undefined) break;
      placed.push(next.broker);
      count(next.broker);
    }
    return placed;
  });
}

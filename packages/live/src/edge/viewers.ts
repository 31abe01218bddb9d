/** Who is watching: a session is one signature from one address, seen while its entry in the shared zone lives. */

/** A zone of a hundred thousand sessions is larger than an edge is ever given. */
export const mostSessions = 100_000;

/** Of a stream's session; names of streams hold no blank. */
export const sessionKey = (stream: string, viewer: string): string => `${stream} ${viewer}`;

/** Sessions by stream, from the zone's keys. */
export function countByStream(keys: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const key of keys) {
    const stream = key.slice(0, key.indexOf(" "));
    counts.set(stream, (counts.get(stream) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

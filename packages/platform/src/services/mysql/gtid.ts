/**
 * Arithmetic of GTID sets, so that decisions about who holds which transactions need no server.
 * Form: `uuid[:tag]:interval[:interval…]`, comma separated, tags since MySQL 8.3
 * (Reference Manual, "GTID Sets"). Within one set a tag holds for the intervals that follow it.
 */

/** Half-open intervals `[from, to)`, sorted, neither touching nor overlapping. */
type Intervals = readonly (readonly [from: number, to: number])[];

/** By `uuid` or `uuid:tag`, lower case. */
export type GtidSet = ReadonlyMap<string, Intervals>;

export const emptyGtids: GtidSet = new Map();

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const intervalPattern = /^([0-9]+)(?:-([0-9]+))?$/;
const tagPattern = /^[a-z_][a-z0-9_]{0,31}$/;

/** The last texts read: one observation asks for the same few again and again. Sets are never changed. */
const recent = new Map<string, GtidSet>();
const recentLimit = 64;

/** @throws RangeError when the text is no GTID set: a wrong reading must never pass for an empty set. */
export function parseGtids(text: string): GtidSet {
  const known = recent.get(text);
  if (known !== undefined) return known;
  const set = readGtids(text);
  if (recent.size >= recentLimit) recent.clear();
  recent.set(text, set);
  return set;
}

function readGtids(text: string): GtidSet {
  const parts = new Map<string, [number, number][]>();
  for (const piece of text.toLowerCase().split(",")) {
    const fields = piece.trim().split(":");
    const uuid = fields[0]?.trim() ?? "";
    if (uuid === "" && fields.length === 1) continue;
    if (!uuidPattern.test(uuid)) throw new RangeError(`no GTID set: ${text}`);
    let source = uuid;
    for (const field of fields.slice(1).map((f) => f.trim())) {
      const interval = intervalPattern.exec(field);
      if (interval === null) {
        if (!tagPattern.test(field)) throw new RangeError(`no GTID set: ${text}`);
        source = `${uuid}:${field}`;
        continue;
      }
      const from = Number(interval[1]);
      const to = Number(interval[2] ?? interval[1]);
      if (from < 1 || to < from) throw new RangeError(`no GTID set: ${text}`);
      const intervals = parts.get(source) ?? [];
      intervals.push([from, to + 1]);
      parts.set(source, intervals);
    }
  }
  return new Map([...parts].map(([source, intervals]) => [source, merged(intervals)]));
}

function merged(intervals: readonly (readonly [number, number])[]): Intervals {
  const result: [number, number][] = [];
  for (const [from, to] of [...intervals].sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}

/** Canonical text, sources sorted: equal sets give equal texts. */
export function formatGtids(set: GtidSet): string {
  return [...set]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([source, intervals]) =>
      [source, ...intervals.map(([from, to]) => (to - from === 1 ? `${from}` : `${from}-${to - 1}`))].join(
        ":",
      ),
    )
    .join(",");
}

export function unionGtids(...sets: readonly GtidSet[]): GtidSet {
  const result = new Map<string, Intervals>();
  for (const set of sets) {
    for (const [source, intervals] of set) {
      result.set(source, merged([...(result.get(source) ?? []), ...intervals]));
    }
  }
  return result;
}

/** What `a` has and `b` lacks. */
export function subtractGtids(a: GtidSet, b: GtidSet): GtidSet {
  const result = new Map<string, Intervals>();
  for (const [source, intervals] of a) {
    let left: (readonly [number, number])[] = [...intervals];
    for (const [from, to] of b.get(source) ?? []) {
      left = left.flatMap(([lo, hi]) =>
        [[lo, Math.min(hi, from)] as const, [Math.max(lo, to), hi] as const].filter(([x, y]) => x < y),
      );
    }
    if (left.length > 0) result.set(source, left);
  }
  return result;
}

export const isEmptyGtids = (set: GtidSet): boolean => set.size === 0;
export const isSubsetOf = (a: GtidSet, b: GtidSet): boolean => isEmptyGtids(subtractGtids(a, b));

/** Number of transactions. */
export function countGtids(set: GtidSet): number {
  let count = 0;
  for (const intervals of set.values()) for (const [from, to] of intervals) count += to - from;
  return count;
}

/** The server UUIDs that the set's transactions come from. */
export const sourcesOf = (set: GtidSet): readonly string[] => [
  ...new Set([...set.keys()].map((source) => source.slice(0, 36))),
];

/** The part whose transactions come from other servers than `uuid`. */
export const withoutSource = (set: GtidSet, uuid: string): GtidSet =>
  new Map([...set].filter(([source]) => source.slice(0, 36) !== uuid.toLowerCase()));

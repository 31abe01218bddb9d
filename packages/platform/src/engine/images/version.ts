/** Ranges of dotted versions, such as ">=9.7 <9.8": comparators side by side, all of which must hold. */

const comparator = /^(>=|<=|>|<|=)?(\d+(?:\.\d+)*)$/;

const numbers = (version: string): readonly number[] => version.split(".").map(Number);

/** Negative when `a` is older than `b`; a missing part counts as 0. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

const holds: Readonly<Record<string, (order: number) => boolean>> = {
  ">=": (order) => order >= 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  "<": (order) => order < 0,
  "=": (order) => order === 0,
};

export const isRange = (range: string): boolean => range.split(" ").every((part) => comparator.test(part));

/** @throws Error when the range is none. */
export function inRange(version: string, range: string): boolean {
  if (!isRange(range)) throw new Error(`no version range: ${range}`);
  return range.split(" ").every((part) => {
    const [, sign = "=", bound = ""] = comparator.exec(part) ?? [];
    return holds[sign]?.(compareVersions(version, bound)) === true;
  });
}

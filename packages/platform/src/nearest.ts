/** Which known word a mistyped one was meant to be. */

/** Optimal string alignment distance: insertions, deletions, replacements and swaps of neighbours each count 1. */
export function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

const plain = (word: string): string => word.toLowerCase().replaceAll(/[-_]/g, "");

/**
 * The closest of `known` to `word`, or undefined when none is close. Case, `-` and `_` do not count; at most a
 * third of the letters may differ, so that an unrelated word is never proposed.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: { readonly word: string; readonly away: number } | undefined;
  for (const candidate of known) {
    const away = distance(plain(word), plain(candidate));
    if (best === undefined || away < best.away) best = { word: candidate, away };
  }
  if (best === undefined) return undefined;
  const most = Math.max(1, Math.floor(Math.max(plain(word).length, plain(best.word).length) / 3));
  return best.away <= most ? best.word : undefined;
}

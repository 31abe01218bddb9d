/** Arithmetic of hash slots as sorted, disjoint, inclusive ranges. */
export const slotCount = 16_384;

export interface SlotRange {
  readonly from: number;
  readonly to: number;
}

export type Slots = readonly SlotRange[];

export const allSlots: Slots = [{ from: 0, to: slotCount - 1 }];

export const countSlots = (slots: Slots): number => slots.reduce((sum, r) => sum + r.to - r.from + 1, 0);

export const formatSlots = (slots: Slots): string =>
  slots.map((r) => (r.from === r.to ? `${r.from}` : `${r.from}-${r.to}`)).join(",");

/** `5`, `0-5460`. @returns undefined for the marks of a slot under way, `[93-<-id]`, and anything else. */
export function parseSlotRange(word: string): SlotRange | undefined {
  const match = /^([0-9]+)(?:-([0-9]+))?$/.exec(word);
  if (match === null) return undefined;
  const from = Number(match[1]);
  const to = Number(match[2] ?? match[1]);
  return from <= to && to < slotCount ? { from, to } : undefined;
}

/** Sorted, touching and overlapping ranges joined. */
export function joinSlots(...parts: readonly Slots[]): Slots {
  const joined: { from: number; to: number }[] = [];
  for (const range of parts.flat().sort((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last !== undefined && range.from <= last.to + 1) last.to = Math.max(last.to, range.to);
    else joined.push({ ...range });
  }
  return joined;
}

/** What `a` has and `b` has not. */
export function subtractSlots(a: Slots, b: Slots): Slots {
  let left: readonly SlotRange[] = joinSlots(a);
  for (const cut of b) {
    left = left.flatMap((r) =>
      [
        { from: r.from, to: Math.min(r.to, cut.from - 1) },
        { from: Math.max(r.from, cut.to + 1), to: r.to },
      ].filter((piece) => piece.from <= piece.to),
    );
  }
  return left;
}

/** What both have. */
export const commonSlots = (a: Slots, b: Slots): Slots => subtractSlots(a, subtractSlots(a, b));

/** `parts` shares in order, as even as whole slots allow; the first ones get the rest. */
export function splitSlots(slots: Slots, parts: number): readonly Slots[] {
  const total = countSlots(slots);
  const shares: Slots[] = [];
  let rest: Slots = joinSlots(slots);
  for (let i = 0; i < parts; i++) {
    let wanted = Math.floor(total / parts) + (i < total % parts ? 1 : 0);
    const share: SlotRange[] = [];
    for (const range of rest) {
      if (wanted === 0) break;
      const to = Math.min(range.to, range.from + wanted - 1);
      share.push({ from: range.from, to });
      wanted -= to - range.from + 1;
    }
    shares.push(share);
    rest = subtractSlots(rest, share);
  }
  return shares;
}

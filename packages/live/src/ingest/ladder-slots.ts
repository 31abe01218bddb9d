/** How many broadcasts have a ladder at once: each takes most of a core. */
export interface LadderSlots {
  /** @returns whether there was one; whoever has it gives it back */
  take(): boolean;
  giveBack(): void;
  readonly limit: number;
}

export function ladderSlots(limit: number): LadderSlots {
  let free = limit;
  return {
    limit,
    take() {
      if (free === 0) return false;
      free -= 1;
      return true;
    },
    giveBack() {
      free += 1;
    },
  };
}

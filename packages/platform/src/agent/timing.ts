/** Every interval and limit of the agent's loop, in ms, with its reason. Tests run the loop on smaller ones. */
export interface Timing {
  /** After an action succeeded: what it changed is visible at once, and starting a mall is a chain of actions. */
  readonly afterActionMs: number;
  /** While something is not as it should be. */
  readonly unsettledMs: number;
  /** All is well: the time within which a fault is noticed that the agent has to take care of at once. */
  readonly calmMs: number;
  /** The same where the servers take over from each other: a look at all of them is work for them, too. */
  readonly tendMs: number;
  /** An observation asks every server of a service at once; each of them has its own shorter limit. */
  readonly observeTimeoutMs: number;
  /** The longest action in sight is a cluster's resharding or a clone's start; past it, the action is told to stop. */
  readonly actTimeoutMs: number;
  /** Between tries of an action that failed: doubles from the first to the cap. */
  readonly backoffFirstMs: number;
  readonly backoffCapMs: number;
  /** An observation older than this decides nothing any more: not an action's grounds, and not a role. */
  readonly staleMs: number;
}

/** How often a service is looked at while all is well, and how old what was seen of it may be, ms. */
export const paceOf = (
  { calmMs, tendMs, staleMs }: Timing,
  service: { readonly failsOverItself?: true },
): { readonly calmMs: number; readonly staleMs: number } =>
  service.failsOverItself ? { calmMs: tendMs, staleMs: (staleMs / calmMs) * tendMs } : { calmMs, staleMs };

export const timing: Timing = {
  afterActionMs: 250,
  unsettledMs: 1_000,
  calmMs: 2_000,
  tendMs: 5_000,
  observeTimeoutMs: 10_000,
  actTimeoutMs: 300_000,
  backoffFirstMs: 1_000,
  backoffCapMs: 30_000,
  // Three calm rounds: one that was slow or failed does not make roles unknown.
  staleMs: 6_000,
};

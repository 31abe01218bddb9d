/** Which instance plays which role, from the owning services' observations, and only as long as they are fresh. */
import type { InstanceName } from "../plan/model.ts";
import type { RoleBoard } from "../services/service.ts";
import type { MallStatus } from "./status.ts";

export type Roles = Readonly<Record<string, readonly InstanceName[]>>;

type Unseen = ReadonlyMap<InstanceName, number>;

export interface MutableRoleBoard extends RoleBoard {
  /** `at`: when the observation began, so that a slow one is not taken for a fresh one. */
  publish(service: string, roles: Roles, at: number, unseen: readonly InstanceName[]): void;
  withdraw(service: string): void;
}

export function createRoleBoard(now: () => number, staleMs: number): MutableRoleBoard {
  const published = new Map<
    string,
    { readonly roles: Roles; readonly at: number; readonly unseen: Unseen }
  >();
  return {
    holders(role) {
      for (const { roles, at } of published.values()) {
        const holders = roles[role];
        if (holders !== undefined && now() - at <= staleMs) return holders;
      }
      return undefined;
    },
    unseenSince(instance) {
      for (const { unseen } of published.values()) {
        const since = unseen.get(instance);
        if (since !== undefined) return since;
      }
      return undefined;
    },
    publish(service, roles, at, unseen) {
      const before = published.get(service)?.unseen;
      published.set(service, {
        roles,
        at,
        unseen: new Map(unseen.map((instance) => [instance, before?.get(instance) ?? at])),
      });
    },
    withdraw: (service) => void published.delete(service),
  };
}

/** The same by the agent's status, for whoever asks it from outside: as old as the observation that it tells of. */
export function boardOf(status: MallStatus, now: () => number, staleMs: number): RoleBoard {
  const board = createRoleBoard(now, staleMs);
  for (const { service, roles, observedAt } of status.services)
    if (observedAt !== undefined) board.publish(service, roles, Date.parse(observedAt), []);
  return board;
}

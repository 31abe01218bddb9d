/** What keeps a node to the plan beside its role: variables, certificate, accounts, databases. */
import { certificateCurrent } from "../served-certificate.ts";
import type { Action } from "./action.ts";
import { liveVariables, sameValue } from "./config.ts";
import { accountNames, agentUser } from "./names.ts";
import type { MysqlSpec } from "./spec.ts";
import type { AccountState, ReachableNode } from "./state.ts";
import { type Account, accounts, databasesOf, grantChanges } from "./users.ts";

/** The accounts that each node makes for itself at every start. */
export const localAccounts = [
  { user: "root", host: "localhost" },
  { user: agentUser, host: "%" },
] as const;

export function variableActions(spec: MysqlSpec, node: ReachableNode): readonly Action[] {
  const actions: Action[] = [];
  for (const [variable, value] of liveVariables(spec, node.name)) {
    const read = node.variables[variable];
    // A variable that the server does not have (another version's, a plugin's before it is loaded) cannot be set.
    if (read === undefined || sameValue(read, value)) continue;
    actions.push({
      kind: "set-variable",
      target: node.name,
      variable,
      value,
      why: `it is ${read}, the plan says ${value}`,
    });
  }
  return actions;
}

export function certificateActions({ name, certificate }: ReachableNode): readonly Action[] {
  // Without a certificate to see there is none to compare: what is unknown is not acted on.
  if ("error" in certificate.served || certificateCurrent(certificate)) return [];
  return [{ kind: "reload-tls", target: name, why: "it serves another certificate than it was given" }];
}

/** Per node, outside of the binary log: also on replicas. */
export function localAccountActions(node: ReachableNode): readonly Action[] {
  return localAccounts.flatMap(({ user, host }): readonly Action[] => {
    const found = node.accounts.find((a) => a.user === user && a.host === host);
    if (found === undefined) return [];
    const on = { target: node.name, user, host };
    if (!found.passwordCurrent)
      return [{ ...on, kind: "rotate-local-password", why: `the password of ${user} was rotated` }];
    if (found.previousKept && !found.rotating)
      return [{ ...on, kind: "discard-local-password", why: `the rotation of ${user} is finished` }];
    return [];
  });
}

/** The replication account alone is mended on a closed primary too: without it no replica could let it open. */
export function closedPrimaryAccountActions(spec: MysqlSpec, primary: ReachableNode): readonly Action[] {
  return accounts(spec)
    .filter((account) => account.user === accountNames.replication)
    .flatMap((account) => accountActions(account, primary));
}

/** On the open primary; replicas receive it by replication. */
export function primaryAccountActions(spec: MysqlSpec, primary: ReachableNode): readonly Action[] {
  const wanted = accounts(spec);
  const present = new Set(primary.databases);
  return [
    ...databasesOf(spec)
      .filter((database) => !present.has(database))
      .map(
        (database): Action => ({
          kind: "create-database",
          target: primary.name,
          database,
          why: "the spec names it",
        }),
      ),
    ...wanted.flatMap((account) => accountActions(account, primary)),
    ...excess(wanted, primary),
  ];
}

function accountActions(wanted: Account, primary: ReachableNode): readonly Action[] {
  const found = primary.accounts.find((a) => a.user === wanted.user && a.host === "%");
  const why = found === undefined ? "it does not exist" : difference(wanted, found);
  const on = { target: primary.name, user: wanted.user };
  if (why !== undefined) return [{ ...on, kind: "ensure-account", why: `${wanted.user}: ${why}` }];
  return found?.previousKept === true && !found.rotating
    ? [{ ...on, kind: "discard-previous-password", why: `the rotation of ${wanted.user} is finished` }]
    : [];
}

/** What of an account is not as planned, in words, or undefined. */
function difference(wanted: Account, found: AccountState): string | undefined {
  if (!found.passwordCurrent) return "its password was rotated or changed";
  if (found.locked) return "it is locked";
  if (found.require !== wanted.require) return `it requires ${found.require}, not ${wanted.require}`;
  if (found.maxUserConnections !== wanted.maxUserConnections) return "its limit of connections differs";
  const { grant, revoke } = grantChanges(found.grants, wanted.grants);
  return grant.length + revoke.length > 0 ? "its privileges differ" : undefined;
}

/** A managed name from another host, or no name at all, would let someone past what the plan grants. */
const excess = (wanted: readonly Account[], primary: ReachableNode): readonly Action[] =>
  primary.accounts
    .filter(
      ({ user, host }) =>
        !localAccounts.some((a) => a.user === user && a.host === host) &&
        (user === "" ||
          user === "root" ||
          user === agentUser ||
          wanted.some((a) => a.user === user && host !== "%")),
    )
    .map(
      ({ user, host }): Action => ({
        kind: "drop-account",
        target: primary.name,
        user,
        host,
        why: "no such account is planned",
      }),
    );

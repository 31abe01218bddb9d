/** What the checks share: a verdict with what was read, and nodes by the role they have now. */
import type { InstanceName } from "../../../plan/model.ts";
import { text } from "../../../text.ts";
import type { Check, CheckResult, Ctx, Evidence } from "../../service.ts";
import { deviates, failed, passed } from "../../verdict.ts";
import { type Row, type Session, textOf, withSession } from "../client.ts";
import { leadershipOf } from "../leadership.ts";
import { observe } from "../observe.ts";
import type { MysqlSpec } from "../spec.ts";
import { isWritable, type ReachableNode, reachableNodes, type State } from "../state.ts";

export type MysqlCheck = Check<MysqlSpec>;
export { deviates, failed, passed };

/** Rows of `name` and `value` as one line. */
export const line = (rows: readonly Row[]): string =>
  rows.map((row) => `${textOf(row, "name")}=${textOf(row, "value")}`).join(" ");

export async function variablesOf(
  session: Session,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await session.rows(
    "SELECT VARIABLE_NAME AS name, VARIABLE_VALUE AS value FROM performance_schema.global_variables WHERE VARIABLE_NAME IN (?) ORDER BY 1",
    [names],
  );
  return new Map(rows.map((row) => [textOf(row, "name"), textOf(row, "value")]));
}

export const printed = (variables: ReadonlyMap<string, string>): string =>
  [...variables].map(([name, value]) => `${name}=${value}`).join(" ");

export interface Roles {
  readonly state: State;
  readonly primary: ReachableNode | undefined;
  readonly replicas: readonly ReachableNode[];
  /** Nodes out of sight, as evidence: they make any check of all nodes fail. */
  readonly absent: readonly Evidence[];
}

/** Roles as the servers have them at this moment. */
export async function rolesNow(ctx: Ctx<MysqlSpec>): Promise<Roles> {
  const state = await observe(ctx);
  const leadership = leadershipOf(state);
  const nodes = reachableNodes(state);
  const found = leadership.kind === "led" ? leadership.primary : undefined;
  const primary = found !== undefined && isWritable(found) ? found : undefined;
  return {
    state,
    primary,
    replicas: nodes.filter((node) => node.name !== primary?.name),
    absent: state.nodes.flatMap((node) =>
      node.reachable ? [] : [{ from: node.name, read: `not reachable: ${node.reason}` }],
    ),
  };
}

export const noPrimary = (roles: Roles): CheckResult =>
  failed(text("no node is an open primary", "没有开放写入的主库"), roles.absent);

/** The same query of several nodes, side by side. */
export const fromEach = <T>(
  ctx: Ctx<MysqlSpec>,
  names: readonly InstanceName[],
  read: (session: Session, name: InstanceName) => Promise<T>,
): Promise<readonly T[]> =>
  Promise.all(names.map((name) => withSession(ctx, name, (session) => read(session, name))));

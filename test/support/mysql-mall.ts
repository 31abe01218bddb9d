/** Three MySQL servers of a test's own, with what a test asks them in SQL. */

import type { Action } from "../../packages/platform/src/services/mysql/action.ts";
import {
  openSession,
  type Row,
  type Session,
  withSession,
} from "../../packages/platform/src/services/mysql/client.ts";
import { type Assessment, assess } from "../../packages/platform/src/services/mysql/decide.ts";
import { mysql } from "../../packages/platform/src/services/mysql/index.ts";
import type { MysqlSpec } from "../../packages/platform/src/services/mysql/spec.ts";
import type { ReachableNode, State } from "../../packages/platform/src/services/mysql/state.ts";
import { secretOf } from "../../packages/platform/src/services/mysql/users.ts";
import { checkPatience } from "../../packages/platform/src/services/patience.ts";
import type { ServiceMallOptions } from "./raised-mall.ts";
import { ServiceMall } from "./service-mall.ts";

export class MysqlMall extends ServiceMall<MysqlSpec, State, Action> {
  /** Containers made and started, nothing else. */
  static async open(options: ServiceMallOptions): Promise<MysqlMall> {
    return new MysqlMall(mysql, await MysqlMall.raise(mysql, options)).up();
  }

  async assess(): Promise<Assessment> {
    return assess(this.spec, await this.observe());
  }

  async node(instance: string): Promise<ReachableNode> {
    const found = (await this.observe(checkPatience)).nodes.find((node) => node.name === instance);
    if (found?.reachable !== true) throw new Error(`${instance} does not answer`);
    return found;
  }

  /** Statements on one connection of the agent's own account. */
  async sql(instance: string, ...statements: readonly string[]): Promise<readonly Row[]> {
    return withSession(this.ctx(checkPatience), instance, async (session) => {
      let rows: readonly Row[] = [];
      for (const statement of statements) rows = await session.rows(statement, [], 20_000);
      return rows;
    });
  }

  /** An application's connection. */
  async as(user: string, instance: string, database?: string): Promise<Session> {
    const { ca } = await this.secrets.identity();
    const login = { user, password: await this.secrets.value(secretOf(user)), identity: { ca } };
    const ctx = this.ctx(checkPatience);
    const more = database === undefined ? {} : { database };
    return openSession(ctx.net.address(instance, "mysql"), { ...login, ...more }, ctx);
  }
}

/** Reads the three servers side by side. What cannot be read is said in the state, not thrown. */
import { MallError } from "../../errors.ts";
import type { Ctx } from "../service.ts";
import { agentSession, reasonOf, type Session } from "./client.ts";
import { nodeNames } from "./names.ts";
import { type Reading, readNode } from "./observe-node.ts";
import type { MysqlSpec } from "./spec.ts";
import type { Node, State } from "./state.ts";

type Opened = { readonly session: Session; readonly reading: Reading } | { readonly reason: string };

/**
 * In two passes: everything of every node, and then, when the last of them has answered, the executed transactions
 * once more. A set only grows, so what a node had in the first pass and its source has not in the second never came
 * from that source, however busy they are.
 */
export async function observe(ctx: Ctx<MysqlSpec>): Promise<State> {
  const observedAt = ctx.now();
  const opened = await Promise.all(
    nodeNames.map(async (name): Promise<Opened> => {
      let session: Session | undefined;
      try {
        session = await agentSession(ctx, name);
        return { session, reading: await readNode(ctx, name, session) };
      } catch (error) {
        session?.close();
        return { reason: causeOf(error) };
      }
    }),
  );
  const nodes = await Promise.all(
    opened.map(async (one, i): Promise<Node> => {
      const name = nodeNames[i] ?? "";
      if ("reason" in one) return { name, reachable: false, reason: one.reason };
      try {
        const [row] = await one.session.rows("SELECT @@GLOBAL.gtid_executed AS executed");
        const executedAfter = row?.executed;
        if (typeof executedAfter !== "string") throw new Error("gtid_executed could not be read");
        return { ...one.reading, executedAfter };
      } catch (error) {
        return { name, reachable: false, reason: causeOf(error) };
      } finally {
        one.session.close();
      }
    }),
  );
  return { observedAt, mall: ctx.plan.mall, nodes };
}

const causeOf = (error: unknown): string =>
  error instanceof MallError && error.cause !== undefined ? reasonOf(error.cause) : reasonOf(error);

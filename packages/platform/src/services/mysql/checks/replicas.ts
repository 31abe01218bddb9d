import { text } from "../../../text.ts";
import { errnoOf, type Session } from "../client.ts";
import { nodeNames } from "../names.ts";
import {
  failed,
  fromEach,
  type MysqlCheck,
  noPrimary,
  passed,
  printed,
  rolesNow,
  variablesOf,
} from "./evidence.ts";

/** `ER_OPTION_PREVENTS_STATEMENT`: the --super-read-only option. */
const prevented = 1290;
const schema = "mallstack_check_write";

/** A write by the account with every privilege; were it let in, it would stay out of the binary log and be undone. */
async function tryToWrite(session: Session): Promise<string> {
  await session.run("SET SESSION sql_log_bin = OFF");
  try {
    await session.run(`CREATE DATABASE ${schema}`);
    await session.run(`DROP DATABASE ${schema}`);
    return "a write was let in";
  } catch (error) {
    return errnoOf(error) === prevented ? `ERROR ${prevented}` : String(error);
  }
}

/** MY-4: ids 2 and 3 by identity, read-only by role, and shown by a write that is refused. */
export const replicasReadOnly: MysqlCheck = {
  id: "mysql.replicas-read-only",
  requirements: ["MY-4"],
  title: text("Replicas are read-only and refuse a write", "从库只读并拒绝写入"),
  kind: "scratch",
  needs: ["net"],
  async run(ctx) {
    const roles = await rolesNow(ctx);
    const { primary, replicas, absent } = roles;
    if (primary === undefined) return noPrimary(roles);
    const found = await fromEach(
      ctx,
      replicas.map((node) => node.name),
      async (session, name) => {
        const variables = await variablesOf(session, ["server_id", "read_only", "super_read_only"]);
        const answer = await tryToWrite(session);
        const right =
          variables.get("read_only") === "ON" &&
          variables.get("super_read_only") === "ON" &&
          answer === `ERROR ${prevented}`;
        return {
          right,
          id: variables.get("server_id"),
          from: name,
          read: `${printed(variables)}; write: ${answer}`,
        };
      },
    );
    const evidence = [...found.map(({ from, read }) => ({ from, read })), ...absent];
    const ids = new Set([`${primary.serverId}`, ...found.map((one) => one.id)]);
    const whole = found.length === nodeNames.length - 1 && ids.size === nodeNames.length;
    return whole && found.every((one) => one.right)
      ? passed(
          text(
            `both replicas are read-only also for the highest account; the primary has server-id ${primary.serverId}`,
            `两个从库对最高权限账号同样只读；主库的 server-id 为 ${primary.serverId}`,
          ),
          evidence,
        )
      : failed(text("a replica is missing or may be written to", "缺少从库，或某个从库可写"), evidence);
  },
};

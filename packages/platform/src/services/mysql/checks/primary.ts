import { text } from "../../../text.ts";
import { withSession } from "../client.ts";
import { nodeNames } from "../names.ts";
import {
  deviates,
  failed,
  type MysqlCheck,
  noPrimary,
  passed,
  printed,
  rolesNow,
  variablesOf,
} from "./evidence.ts";

const wanted = {
  log_bin: "ON",
  binlog_format: "ROW",
  sync_binlog: "1",
  innodb_flush_log_at_trx_commit: "1",
} as const;

/** MY-3: on whichever node is the primary now. */
export const primaryBinaryLog: MysqlCheck = {
  id: "mysql.primary-binary-log",
  requirements: ["MY-3"],
  title: text("The primary logs every commit durably", "主库持久记录每次提交的二进制日志"),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const roles = await rolesNow(ctx);
    const { primary } = roles;
    if (primary === undefined) return noPrimary(roles);
    const { variables, logs } = await withSession(ctx, primary.name, async (session) => ({
      variables: await variablesOf(session, [...Object.keys(wanted), "server_id"]),
      logs: await session.rows("SHOW BINARY LOGS"),
    }));
    const evidence = [{ from: primary.name, read: `${printed(variables)} binary logs=${logs.length}` }];
    const wrong = Object.entries(wanted).filter(([name, value]) => variables.get(name) !== value);
    if (wrong.length > 0 || logs.length === 0) {
      return failed(
        text(
          `not as the plan says: ${wrong.map(([name]) => name).join(", ") || "no binary log"}`,
          `与方案不符：${wrong.map(([name]) => name).join("、") || "没有二进制日志"}`,
        ),
        evidence,
      );
    }
    const id = variables.get("server_id");
    return id === "1"
      ? passed(
          text("server-id 1, row format, synced at each commit", "server-id 为 1，行格式，每次提交同步"),
          evidence,
        )
      : deviates(
          text(
            `the primary is ${primary.name} with server-id ${id}: ids 1 to ${nodeNames.length} are identities, and the role has moved`,
            `主库为 ${primary.name}，server-id ${id}：1 至 ${nodeNames.length} 是身份标识，角色已发生转移`,
          ),
          evidence,
        );
  },
};

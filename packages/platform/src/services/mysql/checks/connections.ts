import { text } from "../../../text.ts";
import { errnoOf, openSession, type Session, textOf, withSession } from "../client.ts";
import { accountNames, nodeNames } from "../names.ts";
import { sizing } from "../sizing.ts";
import { secretOf } from "../users.ts";
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

/** MY-7, what can be looked at: the figure, and that our own connection came by the admin port. */
export const maxConnections: MysqlCheck = {
  id: "mysql.max-connections",
  requirements: ["MY-7"],
  title: text("max_connections follows from memory", "max_connections 由内存推算得出"),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const planned = sizing(ctx.spec).maxConnections;
    const found = await fromEach(ctx, nodeNames, async (session, name) => {
      const variables = await variablesOf(session, ["max_connections", "admin_address", "admin_port"]);
      return {
        right: variables.get("max_connections") === `${planned}` && variables.get("admin_address") === name,
        from: name,
        read: `${printed(variables)}; answered on the admin port`,
      };
    });
    const evidence = found.map(({ from, read }) => ({ from, read }));
    const fromMemory = ctx.spec.maxConnections === undefined && planned === 151;
    return found.every((one) => one.right) && !fromMemory
      ? passed(
          text(
            `${planned} connections by the memory rule (the server's default is 151)`,
            `按内存规则为 ${planned} 个连接（服务器默认值为 151）`,
          ),
          evidence,
        )
      : failed(
          text(`not the planned ${planned}, or the default`, `不是计划的 ${planned}，或仍为默认值`),
          evidence,
        );
  },
};

const tooManyConnections = 1040;
/** Opened side by side: a handshake is mostly waiting. */
const batch = 20;

/**
 * MY-7, what must be tried: all connections of a replica are taken by the application's reading account; the next
 * one gets a clear error, and the admin port still answers.
 */
export const connectionsExhausted: MysqlCheck = {
  id: "mysql.connections-exhausted",
  requirements: ["MY-7"],
  title: text(
    "The connection after the last gets a clear error, the admin port still answers",
    "连接用尽后的下一个连接得到明确错误，管理端口仍可应答",
  ),
  kind: "disruptive",
  needs: ["net"],
  async run(ctx) {
    const roles = await rolesNow(ctx);
    const target = roles.replicas.find((node) => node.channel?.receiver === "on");
    if (target === undefined) return noPrimary(roles);
    const limit = Number(target.variables.max_connections ?? 0);
    const login = {
      user: accountNames.reader,
      password: await ctx.secrets.value(secretOf(accountNames.reader)),
      identity: { ca: (await ctx.secrets.identity()).ca },
    };
    const address = ctx.net.address(target.name, "mysql");
    const taken: Session[] = [];
    const answers = new Map<string, number>();
    try {
      while (taken.length <= limit && answers.size === 0) {
        const results = await Promise.allSettled(
          Array.from({ length: Math.min(batch, limit + 1 - taken.length) }, () =>
            // A signal of its own: hundreds of connections on one would look like a leak of listeners.
            openSession(address, login, { ...ctx, signal: AbortSignal.any([ctx.signal]) }),
          ),
        );
        for (const result of results) {
          if (result.status === "fulfilled") taken.push(result.value);
          else {
            const answer = `${errnoOf(result.reason) ?? ""} ${result.reason}`.trim();
            answers.set(answer, (answers.get(answer) ?? 0) + 1);
          }
        }
      }
      const [row] = await withSession(ctx, target.name, (session) =>
        session.rows(
          "SELECT VARIABLE_VALUE AS value FROM performance_schema.global_status WHERE VARIABLE_NAME = 'Threads_connected'",
        ),
      );
      const connected = textOf(row, "value");
      const evidence = [
        {
          from: target.name,
          read: `max_connections=${limit} taken=${taken.length} Threads_connected=${connected}`,
        },
        {
          from: `${target.name} port 3306`,
          read: [...answers.keys()].join("; ") || "every connection was let in",
        },
        { from: `${target.name} admin port`, read: "answered with all connections taken" },
      ];
      const clear =
        answers.size > 0 && [...answers.keys()].every((a) => a.startsWith(`${tooManyConnections} `));
      return clear && taken.length <= limit
        ? passed(
            text(
              `after ${taken.length} connections: ERROR ${tooManyConnections} Too many connections`,
              `${taken.length} 个连接之后：ERROR ${tooManyConnections} Too many connections`,
            ),
            evidence,
          )
        : failed(
            text("no clear refusal when all connections are taken", "连接用尽时没有明确的拒绝"),
            evidence,
          );
    } finally {
      for (const session of taken) session.close();
    }
  },
};

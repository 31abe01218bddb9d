/** RE-5: nobody without a password, every user as planned; and the bus takes nobody without a certificate. */

import { messageOf } from "../../../errors.ts";
import type { InstanceName } from "../../../plan/model.ts";
import { text } from "../../../text.ts";
import { patiently } from "../../patience.ts";
import type { Ctx, Evidence } from "../../service.ts";
import { dialTls, strangerIsRefused } from "../../tls-probe.ts";
import { asPairs, withNode } from "../client.ts";
import { ports } from "../names.ts";
import { instancesOf } from "../observe.ts";
import type { RedisSpec } from "../spec.ts";
import { usersOf } from "../users.ts";
import { eachNode, failed, onAllNodes, passed, type RedisCheck } from "./evidence.ts";

/** First line that a node answers to a command from a client that did not log in. */
async function answerToStranger(ctx: Ctx, instance: InstanceName, command: string): Promise<string> {
  const { ca } = await ctx.secrets.identity();
  const timeoutMs = patiently(ctx, 3_000);
  const limits = { signal: ctx.signal, timeoutMs };
  const socket = await dialTls(ctx.net.address(instance, ports.redis.name), { ca }, limits);
  try {
    return await new Promise<string>((resolve, reject) => {
      socket.once("data", (data) => resolve(data.toString("latin1").split("\r\n")[0] ?? ""));
      socket.once("error", reject);
      socket.once("close", () => reject(new Error("closed without an answer")));
      socket.setTimeout(timeoutMs, () => reject(new Error(`no answer within ${timeoutMs} ms`)));
      socket.write(`${command}\r\n`);
    });
  } finally {
    socket.destroy();
  }
}

export const password: RedisCheck = {
  id: "redis.password",
  requirements: ["RE-5"],
  title: text(
    "A client that did not log in is refused; passwords and users are as planned",
    "未登录的客户端被拒绝；密码与用户均符合规划",
  ),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const answers = new Map(
      await Promise.all(
        instancesOf(ctx).map(async (instance) => {
          const answer = await answerToStranger(ctx, instance, "DBSIZE").catch(messageOf);
          const set = await passwordsSet(ctx, instance).catch(() => "unreadable");
          return [instance, { answer, set }] as const;
        }),
      ),
    );
    const { right, evidence, up } = await eachNode(ctx, (node) => {
      const { answer = "", set = "" } = answers.get(node.instance) ?? {};
      const wrong = node.wrongUsers.map((u) => `${u.user} ${u.difference}`);
      return {
        right:
          answer.startsWith("-NOAUTH") &&
          set === "requirepass and masterauth are set" &&
          wrong.length === 0 &&
          node.replicationPasswordCurrent,
        read: [
          `DBSIZE without log-in: ${answer}`,
          set,
          wrong.length === 0
            ? `users ${usersOf(ctx.spec)
                .map((u) => u.name)
                .join(", ")} as planned`
            : wrong.join(", "),
        ].join("; "),
      };
    });
    return right
      ? passed(onAllNodes(up.length), evidence)
      : failed(text("not refused, or not as planned", "未被拒绝，或与规划不符"), evidence);
  },
};

/** Whether they are set; what they are stays in the server. */
const passwordsSet = (ctx: Ctx<RedisSpec>, instance: InstanceName): Promise<string> =>
  withNode(ctx, instance, async (node) => {
    const missing: string[] = [];
    for (const name of ["requirepass", "masterauth"]) {
      const value = asPairs(await node.send("CONFIG", "GET", name)).get(name) ?? "";
      if (value === "") missing.push(name);
    }
    return missing.length === 0 ? "requirepass and masterauth are set" : `${missing.join(", ")} empty`;
  });

export const bus: RedisCheck = {
  id: "redis.bus-refuses-strangers",
  requirements: ["GE-4"],
  title: text(
    "The cluster bus takes nobody without a certificate of this mall",
    "集群总线拒绝没有本商城证书的任何连接",
  ),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const asked = await Promise.all(
      instancesOf(ctx).map(async (instance) => {
        // A packet's first four bytes, so that a bus without verification would read on and wait for the rest.
        const { refused, read } = await strangerIsRefused(ctx, instance, ports.bus.name, "RCmb");
        const evidence: Evidence = { from: `${instance}:${ports.bus.number}`, read };
        return { refused, evidence };
      }),
    );
    const evidence = asked.map((a) => a.evidence);
    return asked.every((a) => a.refused)
      ? passed(text("refused during the TLS handshake", "在 TLS 握手时被拒绝"), evidence)
      : failed(text("not refused by every node", "并非每个节点都拒绝"), evidence);
  },
};

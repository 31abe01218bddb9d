/** ES-3: nobody without a password, applications at their own indices only, no node without a certificate. */
import { text } from "../../../text.ts";
import type { Ctx, Evidence } from "../../service.ts";
import { strangerIsRefused } from "../../tls-probe.ts";
import { ask, type Login } from "../client.ts";
import { ports, secretId } from "../names.ts";
import { instancesOf, observeElasticsearch } from "../observe.ts";
import type { ElasticsearchSpec } from "../spec.ts";
import { type ElasticsearchCheck, failed, passed } from "./evidence.ts";

const statusOf = async (
  ctx: Ctx<ElasticsearchSpec>,
  instance: string,
  path: string,
  login: Login | null,
): Promise<number> => (await ask(ctx, instance, { path, login })).status;

export const access: ElasticsearchCheck = {
  id: "elasticsearch.access",
  requirements: ["ES-3"],
  title: text(
    "Clients are asked for a password, and each application may use its own indices only",
    "客户端必须提供密码，各应用只能使用自己的索引",
  ),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const applications = Object.keys(ctx.spec.applications);
    const looks = await Promise.all(
      instancesOf(ctx).map(async (instance) => {
        const reads: string[] = [];
        let isRight = true;
        const expect = async (what: string, path: string, login: Login | null, wanted: number) => {
          const status = await statusOf(ctx, instance, path, login).catch(() => 0);
          isRight &&= status === wanted;
          reads.push(`${what}: ${status === 0 ? "no answer" : status}`);
        };
        await expect("nobody", "/", null, 401);
        // What an earlier version shipped its superuser with.
        await expect("elastic/changeme", "/", { user: "elastic", passwords: ["changeme"] }, 401);
        for (const user of applications) {
          const own = { user, passwords: [await ctx.secrets.value(secretId(user))] };
          await expect(`${user} with another password`, "/", { user, passwords: ["wrong"] }, 401);
          await expect(user, "/", own, 200);
          await expect(`${user} at users`, "/_security/user", own, 403);
          await expect(`${user} at the index mall-check`, "/mall-check/_search", own, 403);
        }
        return { isRight, evidence: { from: instance, read: reads.join("; ") } };
      }),
    );
    const evidence: Evidence[] = looks.map((l) => l.evidence);
    let right = looks.length > 0 && looks.every((l) => l.isRight);
    const { cluster } = await observeElasticsearch(ctx);
    const wrong = [...(cluster?.wrongRoles ?? []), ...(cluster?.users?.wrong ?? [])];
    if (cluster?.users === undefined || wrong.length > 0) right = false;
    evidence.push({
      from: "users and roles",
      read:
        cluster?.users === undefined
          ? "cannot be read"
          : wrong.length === 0
            ? "as planned"
            : wrong.map((w) => `${w.name} ${w.difference}`).join(", "),
    });
    return right
      ? passed(text("401, 200 and 403 where they belong", "401、200、403 均符合预期"), evidence)
      : failed(text("not as it should be everywhere", "并非处处符合预期"), evidence);
  },
};

export const transport: ElasticsearchCheck = {
  id: "elasticsearch.transport-refuses-strangers",
  requirements: ["ES-3", "GE-4"],
  title: text(
    "The nodes' own port takes nobody without a certificate of this mall",
    "节点间端口拒绝没有本商城证书的任何连接",
  ),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const asked = await Promise.all(
      instancesOf(ctx).map(async (instance) => {
        // A message's first bytes and length, so that a port without verification would read on.
        const { refused, read } = await strangerIsRefused(
          ctx,
          instance,
          ports.transport.name,
          "ES\0\0\0\x10",
        );
        const evidence: Evidence = { from: `${instance}:${ports.transport.number}`, read };
        return { refused, evidence };
      }),
    );
    const evidence = asked.map((a) => a.evidence);
    return asked.length > 0 && asked.every((a) => a.refused)
      ? passed(text("refused during the TLS handshake", "在 TLS 握手时被拒绝"), evidence)
      : failed(text("not refused by every node", "并非每个节点都拒绝"), evidence);
  },
};

/** KA-1: a quorum of one leader and its followers, of a version that the brokers are made for; strangers stay out. */
import { type Text, text } from "../../text.ts";
import type { Check, Evidence } from "../service.ts";
import { strangerIsRefused } from "../tls-probe.ts";
import { failed, passed } from "../verdict.ts";
import { ports } from "./names.ts";
import { instancesOf, observeZookeeper } from "./observe.ts";
import type { ZookeeperSpec } from "./spec.ts";
import { isUp } from "./state.ts";

const quorum: Check<ZookeeperSpec> = {
  id: "zookeeper.quorum",
  requirements: ["KA-1"],
  title: text(
    "One leader, all others follow it and are up to date, on ZooKeeper 3.9",
    "一个 leader，其余节点均为已同步的 follower，版本为 ZooKeeper 3.9",
  ),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const { nodes } = await observeZookeeper(ctx);
    const up = nodes.filter(isUp);
    const evidence: readonly Evidence[] = nodes.map((node) => ({
      from: node.instance,
      read: isUp(node)
        ? `${node.mode}, version ${node.version}${node.syncedFollowers === undefined ? "" : `, ${node.syncedFollowers} synced followers`}`
        : node.error,
    }));
    const leader = up.filter((node) => node.mode === "leader");
    const isWhole =
      up.length === ctx.spec.nodes &&
      up.every((node) => node.version.startsWith("3.9.")) &&
      (ctx.spec.nodes === 1
        ? up.every((node) => node.mode === "standalone")
        : leader.length === 1 &&
          leader[0]?.syncedFollowers === ctx.spec.nodes - 1 &&
          up.filter((node) => node.mode === "follower").length === ctx.spec.nodes - 1);
    const followers: Text = text(
      `1 leader, ${ctx.spec.nodes - 1} followers`,
      `1 个 leader，${ctx.spec.nodes - 1} 个 follower`,
    );
    return isWhole
      ? passed(followers, evidence)
      : failed(text("not a whole quorum of 3.9", "并非完整的 3.9 集群"), evidence);
  },
};

const strangers: Check<ZookeeperSpec> = {
  id: "zookeeper.refuses-strangers",
  requirements: ["GE-4"],
  title: text(
    "No port takes a client or a peer without a certificate of this mall",
    "任何端口都拒绝没有本商城证书的客户端或对等节点",
  ),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    // The quorum's port listens at the leader alone; both ports of the ensemble have one TLS set-up.
    const asked = await Promise.all(
      instancesOf(ctx).flatMap((instance) =>
        [ports.client, ports.election].map(async (port) => {
          const { refused, read } = await strangerIsRefused(ctx, instance, port.name, "srvr");
          return { refused, evidence: { from: `${instance}:${port.number}`, read } };
        }),
      ),
    );
    const evidence = asked.map((one) => one.evidence);
    return asked.length > 0 && asked.every((one) => one.refused)
      ? passed(text("refused during the TLS handshake", "在 TLS 握手时被拒绝"), evidence)
      : failed(text("not refused by every port", "并非每个端口都拒绝"), evidence);
  },
};

export const zookeeperChecks: readonly Check<ZookeeperSpec>[] = [quorum, strangers];

/** RE-1 and RE-2: the version, and the cluster's shape by its own word. */
import { text } from "../../../text.ts";
import { assess } from "../decide.ts";
import { observeRedis } from "../observe.ts";
import { countSlots, formatSlots } from "../slots.ts";
import { isUp } from "../state.ts";
import { sharesHost, viewOf } from "../view.ts";
import { deviates, eachNode, failed, passed, type RedisCheck } from "./evidence.ts";

export const version: RedisCheck = {
  id: "redis.version",
  requirements: ["RE-1"],
  title: text("All nodes run the same Redis 6.x", "所有节点运行相同的 Redis 6.x"),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const { right, evidence, up } = await eachNode(ctx, (node) => ({
      right: /^[0-9]+\.[0-9]+\.[0-9]+/.test(node.version),
      read: `redis_version:${node.version}`,
    }));
    const versions = [...new Set(up.map((n) => n.version))];
    const [only] = versions;
    if (!right || only === undefined || versions.length !== 1)
      return failed(text("not one version on all nodes", "各节点版本不一致"), evidence);
    const image = ctx.site.images.redis;
    if (/^6\./.test(only)) return passed(text(`Redis ${only}`, `Redis ${only}`), evidence);
    return image === undefined
      ? failed(text(`Redis ${only}, not 6.x`, `Redis ${only}，不是 6.x`), evidence)
      : deviates(
          text(`Redis ${only}, by images.redis: ${image}`, `Redis ${only}，由 images.redis 指定：${image}`),
          evidence,
        );
  },
};

export const topology: RedisCheck = {
  id: "redis.topology",
  requirements: ["RE-2"],
  title: text(
    "Every slot has a master, every master its replicas, and all nodes agree",
    "每个槽位都有主节点，每个主节点都有副本，且所有节点认知一致",
  ),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const state = await observeRedis(ctx);
    const view = viewOf(state);
    const { masters, replicasPerMaster } = ctx.spec;
    const replicas = view.up.filter((n) => n.self.role === "replica");
    const together = replicas.filter((r) =>
      view.owners.some((m) => m.id === r.self.masterId && sharesHost(m, r)),
    );
    const hosts = new Set(view.up.flatMap((n) => n.host ?? []));
    const evidence = state.nodes.map((node) => ({
      from: node.instance,
      read: !isUp(node)
        ? node.error
        : [
            `cluster_state:${node.clusterOk ? "ok" : "fail"}`,
            node.self.role === "master"
              ? `master of ${formatSlots(node.self.slots)} (${countSlots(node.self.slots)})`
              : `replica of ${view.up.find((n) => n.id === node.self.masterId)?.instance ?? node.self.masterId}, link ${node.masterLink}`,
            `announces ${node.self.host}:${node.self.port}`,
            ...(node.host === undefined ? [] : [`host ${node.host.slice(0, 8)}`]),
          ].join("; "),
    }));
    const { actions, problems } = assess(ctx.spec, state);
    if (hosts.size > 1 && together.length > 0) {
      const names = together.map((n) => n.instance).join(", ");
      return failed(text(`${names} share their master's host`, `${names} 与其主节点在同一主机上`), evidence);
    }
    const whole =
      problems.length === 0 &&
      actions.length === 0 &&
      view.owners.length === masters &&
      replicas.length === masters * replicasPerMaster;
    if (!whole) {
      const [problem] = problems;
      const [action] = actions;
      return failed(
        problem ?? text(action?.why ?? "not the planned shape", action?.why ?? "与规划的形态不符"),
        evidence,
      );
    }
    const figures = `${masters} + ${replicas.length}`;
    return passed(
      text(
        `${figures} nodes, ${countSlots(view.owned)} slots, cluster_state ok on all`,
        `${figures} 个节点，${countSlots(view.owned)} 个槽位，各节点 cluster_state 均为 ok`,
      ),
      evidence,
    );
  },
};

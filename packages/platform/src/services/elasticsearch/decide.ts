/**
 * Observation → what to do, and what stands in the way. Pure. Everything here is done to a cluster that has a master
 * and was read: what could not be read changes nothing. Forming a cluster is the servers' own business, allowed to
 * them once (docs/design/0008-elasticsearch.md).
 */
import { type Text, text } from "../../text.ts";
import { certificateCurrent } from "../served-certificate.ts";
import type { ClusterAction } from "./actions.ts";
import { countOf, type ElasticsearchSpec } from "./spec.ts";
import {
  type Acceptance,
  type Cluster,
  type ElasticsearchState,
  isUp,
  type NodeDown,
  type PasswordView,
} from "./state.ts";

export interface Assessment {
  readonly actions: readonly ClusterAction[];
  /** Why the cluster is not whole although there may be nothing to do but to wait or to ask a person. */
  readonly problems: readonly Text[];
}

/** A restart of ours that is not over by then never will be, ms: an orderly stop and a start take a quarter of it. */
export const restartLimitMs = 180_000;

const target = "service" as const;

export function assess(spec: ElasticsearchSpec, state: ElasticsearchState): Assessment {
  const { cluster } = state;
  const problems = [...nodeProblems(state), ...clusterProblems(spec, state)];
  if (cluster === undefined) return { actions: [], problems };
  const passwords = passwordsOf(cluster);
  return {
    actions: [
      ...settings(cluster),
      ...restarted(state, cluster),
      ...delayed(state, cluster),
      ...puts("put-role", "role", cluster.wrongRoles),
      ...(cluster.users === undefined ? [] : puts("put-user", "user", cluster.users.wrong)),
      ...passwords.actions,
      ...puts("put-template", "template", cluster.wrongTemplates),
      ...repository(cluster),
      // Last, and a user before its role.
      ...[...cluster.surplus]
        .sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
        .map(
          ({ kind, name }): ClusterAction => ({
            kind: `drop-${kind}`,
            target,
            name,
            why: `${kind} ${name} was made by the agent and is planned no more`,
          }),
        ),
    ],
    problems: [...problems, ...passwords.problems],
  };
}

export const decide = (spec: ElasticsearchSpec, state: ElasticsearchState): readonly ClusterAction[] =>
  assess(spec, state).actions;

const order: readonly string[] = ["user", "role", "template"];

function settings({ wrongSettings }: Cluster): readonly ClusterAction[] {
  if (wrongSettings.length === 0) return [];
  return [
    {
      kind: "put-settings",
      target,
      settings: Object.fromEntries(wrongSettings.map(({ key, wanted }) => [key, wanted])),
      why: wrongSettings
        .map(({ key, is, wanted }) => `${key} is ${is === "" ? "unset" : is}, not ${wanted}`)
        .join("; "),
    },
  ];
}

const puts = (
  kind: "put-role" | "put-user" | "put-template",
  what: string,
  wrong: readonly { readonly name: string; readonly difference: string }[],
): readonly ClusterAction[] =>
  wrong.map(({ name, difference }) => ({
    kind,
    target,
    name,
    why: `${what} ${name} ${difference === "absent" ? "is absent" : difference}`,
  }));

const repository = ({ repository: found }: Cluster): readonly ClusterAction[] =>
  found === undefined
    ? []
    : [
        {
          kind: "put-repository",
          target,
          why: found === "absent" ? "there is no repository of snapshots" : "it is not the planned one",
        },
      ];

/** Whose node is away is waited for (a minute, by the server's default). With all nodes there nobody is. */
function delayed({ nodes }: ElasticsearchState, cluster: Cluster): readonly ClusterAction[] {
  const isEverybody = nodes.every((n) => isUp(n) && cluster.members.includes(n.instance));
  if (cluster.delayed === 0 || !isEverybody) return [];
  return [
    {
      kind: "allocate-now",
      target,
      why: `${cluster.delayed} copies wait for a node that is not away but empty`,
    },
  ];
}

/** The node is back, or never came: its vote is given back, for exclusions do not end by themselves. */
function restarted(state: ElasticsearchState, cluster: Cluster): readonly ClusterAction[] {
  const { restart, exclusions } = cluster;
  if (restart === undefined) {
    return exclusions.length === 0
      ? []
      : [{ kind: "end-restart", target, why: `${exclusions.join(", ")} have no vote` }];
  }
  const node = state.nodes.find((n) => n.instance === restart.instance);
  const isBack = node !== undefined && isUp(node) && node.startedAt > restart.since;
  const isOver = state.at - restart.since > restartLimitMs;
  if (!isBack && !isOver) return [];
  return [
    {
      kind: "end-restart",
      target,
      why: isBack ? `${restart.instance} is back` : `${restart.instance} was not restarted in time`,
    },
  ];
}

const taken = (acceptance: Acceptance): boolean => acceptance === "all" || acceptance === "files";

/**
 * While a rotation goes on both passwords must be taken. The index holds one, each node's own files the other: so the
 * index is given another one only when **every** node takes the one that it has from its files.
 */
function passwordsOf({ users }: Cluster): Assessment {
  if (users === undefined) {
    return {
      actions: [],
      problems: [text("the index of users cannot be read", "无法读取用户索引")],
    };
  }
  const wrong = new Set(users.wrong.map((u) => u.name));
  const judged = users.passwords.filter((p) => !wrong.has(p.user)).map(judge);
  return {
    actions: judged.flatMap((j) => ("action" in j ? [j.action] : [])),
    problems: judged.flatMap((j) => ("problem" in j ? [j.problem] : [])),
  };
}

function judge(
  view: PasswordView,
): { readonly action: ClusterAction } | { readonly problem: Text } | Record<string, never> {
  const { user, builtIn, present, other } = view;
  const set = (which: "present" | "other") => ({
    action: {
      kind: "set-password",
      target,
      name: user,
      which,
      why: `user ${user} is refused with ${which === "present" ? "its password" : "the other of its passwords"}`,
    } as const,
  });
  if (other === undefined || builtIn) return taken(present) ? {} : set("present");
  if (taken(present) && taken(other)) return {};
  if (other === "files") return set("present");
  if (present === "files") return set("other");
  return {
    problem: text(
      `not every node takes the former password of ${user} from its own files yet`,
      `尚有节点未从自身文件接受 ${user} 的原密码`,
    ),
  };
}

function nodeProblems(state: ElasticsearchState): readonly Text[] {
  return state.nodes.flatMap((node): readonly Text[] => {
    if (!isUp(node)) return [describeDown(node)];
    const { instance } = node;
    const uuid = state.cluster?.uuid;
    if (uuid !== undefined && node.clusterUuid !== undefined && node.clusterUuid !== uuid)
      return [
        text(
          `${instance} holds the data of another cluster (${node.clusterUuid}); nothing is deleted: look at its volume`,
          `${instance} 的数据属于另一个集群（${node.clusterUuid}）；不会删除任何数据：请检查其数据卷`,
        ),
      ];
    if (node.master === undefined)
      return [text(`${instance} knows no master`, `${instance} 没有已知的主节点`)];
    if (!certificateCurrent(node.certificate))
      return [
        text(
          `${instance} serves another certificate than the newest; it takes it up within seconds`,
          `${instance} 正在使用旧证书，几秒内会换用新证书`,
        ),
      ];
    return [];
  });
}

function clusterProblems(spec: ElasticsearchSpec, state: ElasticsearchState): readonly Text[] {
  const { cluster, nodes } = state;
  if (cluster === undefined) {
    if (state.clusterError !== undefined) return [text(state.clusterError, state.clusterError)];
    const votes = countOf(spec, "master");
    const needed = Math.floor(votes / 2) + 1;
    const there = nodes.filter((n, i) => isUp(n) && spec.roles[i]?.includes("master")).length;
    if (there === votes)
      return [
        text(
          "all nodes answer and elect no master; if it stays so their volumes were lost: no second cluster is begun by itself, `mall down --volumes` and `mall up` begin one",
          "所有节点都有应答，但未选出主节点；若持续如此，则数据卷已丢失：不会自动组建第二个集群，可用 `mall down --volumes` 和 `mall up` 重新组建",
        ),
      ];
    return [
      text(
        `no master is elected: ${there} of ${votes} nodes that vote answer, ${needed} are needed`,
        `未选出主节点：${votes} 个投票节点中 ${there} 个有应答，至少需要 ${needed} 个`,
      ),
    ];
  }
  const missing = nodes
    .filter((n) => isUp(n) && !cluster.members.includes(n.instance))
    .map((n) => n.instance);
  const joined =
    missing.length === 0
      ? []
      : [text(`${missing.join(", ")} have not joined`, `${missing.join(", ")} 尚未加入集群`)];
  if (cluster.notGreen.length === 0) return joined;
  const some = cluster.notGreen.slice(0, 3).join(", ");
  return [
    ...joined,
    text(
      `${cluster.status}: ${cluster.unassigned} shards are not assigned (${some})`,
      `${cluster.status}：${cluster.unassigned} 个分片未分配（${some}）`,
    ),
  ];
}

function describeDown(node: NodeDown): Text {
  switch (node.kind) {
    case "refused":
      return text(
        `${node.instance} does not take the agent's password: restart it, it then reads its users anew`,
        `${node.instance} 拒绝代理的密码：请重启该节点，它会重新读取用户`,
      );
    case "expired":
      return text(
        `a certificate has expired at ${node.instance}: \`mall up\` issues a new one`,
        `${node.instance} 的证书已过期：请运行 \`mall up\` 签发新证书`,
      );
    case "unreachable":
      return text(
        `${node.instance} does not answer: ${node.error}`,
        `${node.instance} 没有应答：${node.error}`,
      );
  }
}

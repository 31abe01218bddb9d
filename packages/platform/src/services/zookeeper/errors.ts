import { defineErrors, entry } from "../../errors.ts";

export const zookeeperError = defineErrors("zookeeper", {
  ZOOKEEPER_UNREACHABLE: entry<{ instance: string; cause: string }>(
    "operation",
    (p) => ({
      what: `${p.instance} does not answer: ${p.cause}`,
      fix: `See \`mall status zookeeper\` and \`mall logs ${p.instance}\`; start it when it is stopped.`,
    }),
    (p) => ({
      what: `${p.instance} 没有应答：${p.cause}`,
      fix: `请查看 \`mall status zookeeper\` 和 \`mall logs ${p.instance}\`；若已停止，请启动它。`,
    }),
  ),
  ZOOKEEPER_NOTHING_TO_DO: entry<{ action: string }>(
    "refused",
    (p) => ({
      what: `There is no action ${p.action}: the ensemble keeps itself together.`,
      fix: "See `mall status zookeeper` for what it lacks.",
    }),
    (p) => ({
      what: `没有操作 ${p.action}：集群会自行维持。`,
      fix: "请用 `mall status zookeeper` 查看缺少什么。",
    }),
  ),
});

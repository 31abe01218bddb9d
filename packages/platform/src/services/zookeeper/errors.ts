import { defineErrors, entry } from "../../errors.ts";
import { unreachable } from "../common-errors.ts";

export const zookeeperError = defineErrors("zookeeper", {
  ZOOKEEPER_UNREACHABLE: unreachable("zookeeper"),
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

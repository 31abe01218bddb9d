/** What a person reads in `mall status`: who is primary, who follows, and what is not as it should be. */
import { type Text, text } from "../../text.ts";
import { assess } from "./decide.ts";
import type { MysqlSpec } from "./spec.ts";
import { isWritable, type State } from "./state.ts";

/** Pure. */
export function mysqlSummary(spec: MysqlSpec, state: State): { readonly ok: boolean; readonly text: Text } {
  const { leadership, problems, readers, actions } = assess(spec, state);
  const primary = leadership.kind === "led" ? leadership.primary : undefined;
  const open = primary !== undefined && isWritable(primary);
  const mode = spec.replication === "semi-sync" ? ["semi-sync", "半同步"] : ["asynchronous", "异步"];
  const expected = state.nodes.length - 1;
  const parts: Text[] = [
    primary === undefined
      ? text("no primary", "没有主库")
      : open
        ? text(`primary ${primary.name}`, `主库 ${primary.name}`)
        : text(`primary ${primary.name}, closed`, `主库 ${primary.name}（未开放写入）`),
    text(
      `${readers.length} of ${expected} replicas serve (${mode[0]})`,
      `${expected} 个从库中 ${readers.length} 个可用（${mode[1]}）`,
    ),
    ...problems.map((problem) => problem.text),
  ];
  return {
    ok: open && readers.length === expected && problems.length === 0 && actions.length === 0,
    text: text(parts.map((p) => p.en).join("; "), parts.map((p) => p.zh).join("；")),
  };
}

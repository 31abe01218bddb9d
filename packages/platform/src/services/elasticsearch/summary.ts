/** One line for `mall status`. Pure. */
import { type Text, text } from "../../text.ts";
import { assess } from "./decide.ts";
import type { ElasticsearchSpec } from "./spec.ts";
import { type ElasticsearchState, isUp } from "./state.ts";

export function summary(
  spec: ElasticsearchSpec,
  state: ElasticsearchState,
): { readonly ok: boolean; readonly text: Text } {
  const { actions, problems } = assess(spec, state);
  const [problem] = problems;
  const [action] = actions;
  if (problem !== undefined) return { ok: false, text: problem };
  if (action !== undefined) {
    const line = `${action.kind} ${action.target}: ${action.why}`;
    return { ok: false, text: text(line, line) };
  }
  const { cluster } = state;
  const up = state.nodes.filter(isUp).length;
  const surplus = cluster?.wantTooMany ?? [];
  const more =
    surplus.length === 0
      ? text("", "")
      : text(
          `; more copies wanted than there are nodes for: ${surplus.slice(0, 3).join(", ")}`,
          `；所需副本数超过可用节点：${surplus.slice(0, 3).join(", ")}`,
        );
  return {
    ok: true,
    text: text(
      `${cluster?.status}, ${up} nodes, master ${cluster?.master}${more.en}`,
      `${cluster?.status}，${up} 个节点，主节点 ${cluster?.master}${more.zh}`,
    ),
  };
}

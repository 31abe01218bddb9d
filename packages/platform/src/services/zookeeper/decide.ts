/**
 * Observation → what stands in the way. Pure. There is nothing to do: the ensemble elects its leader, brings a node
 * that lost its volume up to date and reads new certificates by itself. What it lacks a person hears of.
 */
import { type Text, text } from "../../text.ts";
import { certificateCurrent } from "../served-certificate.ts";
import type { ActionBase } from "../service.ts";
import type { ZookeeperSpec } from "./spec.ts";
import { isUp, type ZookeeperState } from "./state.ts";

export const decide = (_spec: ZookeeperSpec, _state: ZookeeperState): readonly ActionBase[] => [];

export function problems(spec: ZookeeperSpec, state: ZookeeperState): readonly Text[] {
  const up = state.nodes.filter(isUp);
  const found: Text[] = [];
  const leaders = up.filter((node) => node.mode === "leader" || node.mode === "standalone");
  const members = up.filter((node) => node.mode !== "alone");
  if (leaders.length === 0) {
    const majority = Math.floor(spec.nodes / 2) + 1;
    found.push(
      text(
        `no quorum: ${members.length} of ${spec.nodes} nodes take part, ${majority} must; brokers serve what they lead, and nothing moves`,
        `没有法定多数：${spec.nodes} 个节点中只有 ${members.length} 个参与，至少需要 ${majority} 个；broker 只能继续提供现有分区，任何变更都无法进行`,
      ),
    );
  } else if (leaders.length > 1) {
    const names = leaders.map((node) => node.instance).join(", ");
    found.push(text(`${names} both say that they lead`, `${names} 都声称自己是 leader`));
  }
  for (const node of state.nodes) {
    if (!isUp(node))
      found.push(
        text(`${node.instance} does not answer: ${node.error}`, `${node.instance} 没有应答：${node.error}`),
      );
    else if (node.mode === "alone" && leaders.length > 0)
      found.push(text(`${node.instance} has yet to join the quorum`, `${node.instance} 尚未加入法定多数`));
    else if (!certificateCurrent(node.certificate))
      found.push(
        text(
          `${node.instance} serves another certificate than the newest; it reads it within seconds`,
          `${node.instance} 使用的不是最新证书；数秒内会自动读取`,
        ),
      );
  }
  const [leader] = leaders;
  const synced = leader?.syncedFollowers;
  if (synced !== undefined && synced < members.length - 1)
    found.push(text(`${synced} followers are up to date`, `${synced} 个 follower 已同步`));
  return found;
}

/** One line for `mall status`. */
export function summary(
  spec: ZookeeperSpec,
  state: ZookeeperState,
): { readonly ok: boolean; readonly text: Text } {
  const [problem] = problems(spec, state);
  if (problem !== undefined) return { ok: false, text: problem };
  const up = state.nodes.filter(isUp);
  const leader = up.find((node) => node.mode === "leader" || node.mode === "standalone");
  const followers = up.filter((node) => node.mode === "follower").length;
  const znodes = leader?.znodes ?? 0;
  return {
    ok: true,
    text: text(
      `${leader?.instance} leads ${followers} followers, ${znodes} znodes`,
      `${leader?.instance} 为 leader，${followers} 个 follower，${znodes} 个 znode`,
    ),
  };
}

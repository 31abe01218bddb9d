import { text } from "../../../text.ts";
import type { Evidence } from "../../service.ts";
import { nodeAddress, nodeNames } from "../names.ts";
import type { ReachableNode } from "../state.ts";
import { deviates, failed, type MysqlCheck, noPrimary, passed, rolesNow } from "./evidence.ts";

function follows(node: ReachableNode, primary: ReachableNode): boolean {
  const { channel } = node;
  return (
    channel !== undefined &&
    channel.receiver === "on" &&
    channel.applier === "on" &&
    channel.settingsRight &&
    channel.sourceHost === nodeAddress(primary.name) &&
    channel.sourceUuid === primary.serverUuid
  );
}

function replicaEvidence({ name, channel, semiSync, serverUuid }: ReachableNode): Evidence {
  const read =
    channel === undefined
      ? "no channel"
      : `source=${channel.sourceHost} uuid=${channel.sourceUuid} receiver=${channel.receiver} applier=${channel.applier} auto-position, TLS as planned=${channel.settingsRight} lag=${channel.lagMs}ms`;
  return { from: name, read: `server_uuid=${serverUuid} ${read} acknowledges=${semiSync.replicaActive}` };
}

/** MY-2: three servers, one open, two that follow it; and that commits really wait for a second copy. */
export const replication: MysqlCheck = {
  id: "mysql.replication",
  requirements: ["MY-2"],
  title: text("One primary and two replicas that follow it", "一主两从，且从库正在复制主库"),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const roles = await rolesNow(ctx);
    const { primary, replicas, absent } = roles;
    if (primary === undefined) return noPrimary(roles);
    const { semiSync } = primary;
    const evidence: readonly Evidence[] = [
      {
        from: primary.name,
        read: `server_uuid=${primary.serverUuid} read_only=OFF semi-sync source enabled=${semiSync.sourceEnabled} active=${semiSync.sourceActive} clients=${semiSync.clients} wait_point=${primary.variables.rpl_semi_sync_source_wait_point ?? ""}`,
      },
      ...replicas.map(replicaEvidence),
      ...absent,
    ];
    const servers = new Set([primary, ...replicas].map((node) => node.serverUuid));
    const following = replicas.filter((node) => follows(node, primary) && node.superReadOnly);
    if (servers.size !== nodeNames.length || following.length !== nodeNames.length - 1) {
      return failed(
        text(
          `${following.length} of ${nodeNames.length - 1} replicas follow ${primary.name}`,
          `${nodeNames.length - 1} 个从库中有 ${following.length} 个在复制 ${primary.name}`,
        ),
        evidence,
      );
    }
    if (ctx.spec.replication === "async") {
      return passed(text("asynchronous, as the plan says", "按方案为异步复制"), evidence);
    }
    const waits =
      semiSync.sourceEnabled &&
      semiSync.sourceActive &&
      semiSync.clients === following.length &&
      primary.variables.rpl_semi_sync_source_wait_point === "AFTER_SYNC";
    return waits
      ? deviates(
          text(
            "semi-synchronous (AFTER_SYNC) instead of asynchronous, so that a failover may lose nothing that was acknowledged",
            "采用半同步（AFTER_SYNC）而非异步，使故障切换不会丢失任何已确认的写入",
          ),
          evidence,
        )
      : failed(text("semi-sync is asked for, and not active", "要求半同步，但未生效"), evidence);
  },
};

/**
 * What really listens in each container, read from the kernel: a port that the plan does not name would be missed by
 * any scan of the plan's ports (GE-4).
 */
import { instancesOn, type Located } from "../../plan/names.ts";
import type { Check, Inside } from "../../services/service.ts";
import { sideBySide } from "../../side-by-side.ts";
import { text } from "../../text.ts";
import { type Listener, parseListeners } from "./proc-net.ts";

/** Each is a process that the engine starts in a container: thirty at once keep two cores busy for ten seconds. */
const looksAtOnce = 4;

export const onlyPlannedPorts: Check = {
  id: "mall.only-planned-ports-listen",
  requirements: ["GE-4"],
  title: text(
    "In each container the planned ports listen, and no other can be reached",
    "每个容器只监听计划内的端口，其他端口均不可达",
  ),
  kind: "read",
  needs: ["inside"],
  async run({ plan, inside }) {
    if (inside === undefined) throw new Error("no port into the containers");
    const looked = await sideBySide(instancesOn(plan, "compose"), looksAtOnce, (at) => look(at, inside));
    // Closed at every follower, and open somewhere.
    const leaderless = instancesOn(plan, "compose").flatMap(({ workload }) =>
      workload.ports.filter(
        (port) =>
          port.onlyLeader === true &&
          !looked.some((l) => l.workload === workload.name && l.open.includes(port.number)),
      ),
    );
    const bad = looked.filter(
      (l) =>
        !l.ok || leaderless.some((port) => l.planned.includes(port.number) && !l.open.includes(port.number)),
    );
    return {
      verdict: looked.length > 0 && bad.length === 0 ? "pass" : "fail",
      detail:
        bad.length === 0
          ? text(`${looked.length} containers listen as planned`, `${looked.length} 个容器的监听端口符合计划`)
          : text(
              `Not as planned: ${bad.map((l) => l.from).join(", ")}`,
              `与计划不符：${bad.map((l) => l.from).join("、")}`,
            ),
      evidence: looked.map(({ from, read }) => ({ from, read })),
    };
  },
};

async function look(
  { instance, workload }: Located,
  inside: Inside,
): Promise<{
  readonly from: string;
  readonly read: string;
  readonly ok: boolean;
  readonly workload: string;
  readonly open: readonly number[];
  readonly planned: readonly number[];
}> {
  const ports = workload.ports.filter((p) => p.transport !== "udp");
  const planned = ports.map((p) => p.number);
  const about = { from: instance.name, workload: workload.name, planned };
  // tcp6 is absent where the kernel has no IPv6; then `cat` prints the other one and ends with an error.
  const { stdout, stderr } = await inside.exec(instance.name, ["cat", "/proc/net/tcp", "/proc/net/tcp6"], {
    timeoutMs: 20_000,
  });
  if (!stdout.includes("local_address")) return { ...about, read: stderr.trim(), ok: false, open: [] };
  const { open, loopback } = split(parseListeners(stdout));
  const strange = open.filter((port) => !planned.includes(port));
  const absent = ports
    .filter((port) => port.onlyLeader !== true && !open.includes(port.number))
    .map((port) => port.number);
  return {
    ...about,
    open,
    read: [
      `listens: ${open.join(", ") || "none"}`,
      ...(loopback.length > 0 ? [`on loopback only: ${loopback.join(", ")}`] : []),
      ...(strange.length > 0 ? [`not in the plan: ${strange.join(", ")}`] : []),
      ...(absent.length > 0 ? [`in the plan and not there: ${absent.join(", ")}`] : []),
    ].join("; "),
    ok: strange.length === 0 && absent.length === 0,
  };
}

function split(listeners: readonly Listener[]): {
  readonly open: readonly number[];
  readonly loopback: readonly number[];
} {
  const ports = (list: readonly Listener[]) => [...new Set(list.map((l) => l.port))].sort((a, b) => a - b);
  return {
    open: ports(listeners.filter((l) => !l.loopback)),
    loopback: ports(listeners.filter((l) => l.loopback)),
  };
}

/** LV-2, LV-3: nginx's workers as they run, and the name by which the plan's configuration knows the authority. */
import { text } from "../../../text.ts";
import { runInside } from "../../inside.ts";
import { authority, namesOf } from "../names.ts";
import { sizesOf } from "../sizing.ts";
import { failed, type LiveCheck, passed, steps } from "./evidence.ts";

/** Each process as `pid|parent|command`. */
const list = `for p in /proc/[0-9]*; do
  read -r line < $p/stat || continue
  rest=\${line##*) }; set -- $rest
  printf '%s|%s|%s\\n' "\${p#/proc/}" "$2" "$(tr '\\0' ' ' < $p/cmdline)"
done`;

export interface NginxServer {
  /** As the master was started. */
  readonly command: string;
  readonly workers: number;
}

/** Pure. Masters and how many workers each has; one that exits after a reload no longer counts. */
export function nginxServers(processes: string): readonly NginxServer[] {
  const all = processes.split("\n").flatMap((line) => {
    const [pid, parent, ...command] = line.split("|");
    return pid === undefined || parent === undefined
      ? []
      : [{ pid, parent, command: command.join("|").trim() }];
  });
  return all
    .filter(({ command }) => command.startsWith("nginx: master process"))
    .map(({ pid, command }) => ({
      command: command.replace("nginx: master process ", ""),
      workers: all.filter((one) => one.parent === pid && /^nginx: worker process$/.test(one.command)).length,
    }));
}

export const workers: LiveCheck = {
  id: "live.workers",
  requirements: ["LV-2", "LV-3"],
  title: text(
    "One RTMP worker an ingest, as many HTTP workers an edge as it has cores, and auth-server.local is the supervisor",
    "每个入口一个 RTMP 工作进程，每个边缘节点的 HTTP 工作进程数等于核数，auth-server.local 指向入口的监管进程",
  ),
  kind: "read",
  needs: ["inside"],
  async run(ctx) {
    const { right, evidence } = await steps(async (step) => {
      const [ingests, edges, hosts] = await Promise.all([
        Promise.all(
          namesOf("ingest").map(async (name) => ({
            name,
            read: await runInside(ctx, name, ["sh", "-c", list]),
          })),
        ),
        Promise.all(
          namesOf("edge").map(async (name) => ({
            name,
            read: await runInside(ctx, name, ["sh", "-c", list]),
          })),
        ),
        Promise.all(
          namesOf("ingest").map(async (name) => ({
            name,
            read: await runInside(ctx, name, ["cat", "/etc/hosts"]),
          })),
        ),
      ]);
      for (const { name, read } of ingests) {
        const rtmp = nginxServers(read).find(({ command }) => command.includes("/nginx.conf"));
        step(name, `nginx for RTMP: ${rtmp?.workers ?? "none runs"} worker`, rtmp?.workers === 1);
      }
      for (const { name, read } of edges) {
        const [server] = nginxServers(read);
        const wanted = sizesOf(ctx.spec).edgeWorkers;
        const said = `${server?.workers ?? 0} workers of ${wanted} wanted, ${ctx.spec.edge.connections} connections each`;
        step(name, said, server?.workers === wanted);
      }
      for (const { name, read } of hosts) {
        const line = read.split("\n").find((one) => one.split(/\s+/).includes(authority.name)) ?? "";
        step(
          name,
          line.replaceAll(/\s+/g, " ") || `no ${authority.name}`,
          line.startsWith(authority.address),
        );
      }
    });
    return right
      ? passed(text("as planned", "符合规划"), evidence)
      : failed(text("not as planned", "与规划不符"), evidence);
  },
};

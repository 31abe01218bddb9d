/** Facts → what they mean for the mall. Pure: every threshold stands here, with its source. */
import { type Text, text } from "../text.ts";
import type { Demand, HostFacts } from "./facts.ts";
import { cgroups, clock, hugePages, kernel, mapCount, overcommit } from "./judge-kernel.ts";
import { type Diagnosis, type Judge, same, unread, unreadFix } from "./judgement.ts";

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)}Gi`;

const memory: Judge = ({ memory: m }, d) => {
  if (m === undefined) return { health: "warn", read: unread, fix: unreadFix("/proc/meminfo") };
  const read = text(
    `${gibibytes(m.totalBytes)}, ${gibibytes(m.availableBytes)} of it free; the mall's limits add up to ${gibibytes(d.plannedBytes)}`,
    `共 ${gibibytes(m.totalBytes)}，可用 ${gibibytes(m.availableBytes)}；商城内存上限合计 ${gibibytes(d.plannedBytes)}`,
  );
  const fix = text(
    "use profile: small, lower the memory of services, leave some out, or end other programs",
    "请使用 profile: small、调低各服务的 memory、停用部分服务，或结束其他程序",
  );
  if (d.plannedBytes > m.totalBytes) return { health: d.memoryAccepted ? "warn" : "fail", read, fix };
  return d.running === 0 && d.plannedBytes > m.availableBytes
    ? { health: "warn", read, fix }
    : { health: "ok", read };
};

const cores: Judge = ({ cores: n }) => {
  const read = text(`${n} cores`, `${n} 个核`);
  return n >= 2
    ? { health: "ok", read }
    : {
        health: "warn",
        read,
        fix: text(
          "servers answer late while another one starts or is built; two cores are the least that mallstack is measured on",
          "其他服务启动或构建时响应会变慢；mallstack 至少在两个核上测量过",
        ),
      };
};

/** A first `up` writes about 3 GiB: images 0.6, what building leaves 1.2, empty data 1.0 (measured, MySQL and Redis). */
const firstUpBytes = 3 * 2 ** 30;
const leastFreeBytes = 2 ** 30;

const disk: Judge = ({ disks }) => {
  const read = same(
    disks.map((d) => `${d.path}: ${gibibytes(d.freeBytes)} / ${gibibytes(d.totalBytes)}`).join("; "),
  );
  const least = Math.min(...disks.map((d) => d.freeBytes));
  const fix = text(
    "free space there ('docker system prune' removes what building left), or move the state to a larger disk with MALL_HOME",
    "请清理空间（“docker system prune”可删除构建残留），或用 MALL_HOME 将状态目录移到更大的磁盘",
  );
  if (disks.length === 0) return { health: "warn", read: unread, fix: unreadFix("statfs") };
  if (least < leastFreeBytes) return { health: "fail", read, fix };
  return least < firstUpBytes ? { health: "warn", read, fix } : { health: "ok", read };
};

const files: Judge = ({ fileLimit, engine }, d) => {
  const read = text(
    `a container can be given ${fileLimit}, the most that a server asks for is ${d.files}`,
    `容器最多可获得 ${fileLimit} 个，服务器最多需要 ${d.files} 个`,
  );
  if (d.files <= fileLimit) return { health: "ok", read };
  const own = engine.kind !== "running" || engine.own;
  return {
    health: "warn",
    read,
    fix: own
      ? text(
          `servers get ${fileLimit} and serve fewer connections, and one that insists on ${d.files} runs without its own start-up checks; raise the hard limit ('ulimit -Hn ${d.files}' as root, or LimitNOFILE of the unit) and start the engine anew`,
          `服务器只能获得 ${fileLimit} 个，可服务的连接更少，坚持要求 ${d.files} 个的服务器将跳过其自身的启动检查；请提高硬限制（root 执行“ulimit -Hn ${d.files}”，或设置单元的 LimitNOFILE）后重启引擎`,
        )
      : text(
          `servers get ${fileLimit} and serve fewer connections, and one that insists on ${d.files} runs without its own start-up checks; raise LimitNOFILE of docker.service and restart it`,
          `服务器只能获得 ${fileLimit} 个，可服务的连接更少，坚持要求 ${d.files} 个的服务器将跳过其自身的启动检查；请提高 docker.service 的 LimitNOFILE 并重启`,
        ),
    source: "https://man7.org/linux/man-pages/man2/getrlimit.2.html",
  };
};

const ports: Judge = ({ taken, bindHere }, d) => {
  if (!bindHere)
    return {
      health: "fail",
      read: text(`${d.bind} is no address of this machine`, `${d.bind} 不是本机地址`),
      fix: text(
        "correct bind in mall.yaml; 'ip address' lists them",
        "请修正 mall.yaml 中的 bind；“ip address”可列出本机地址",
      ),
    };
  if (taken.length === 0)
    return {
      health: "ok",
      read: text(`${d.ports} on ${d.bind}, none taken`, `${d.bind} 上 ${d.ports} 个，均可用`),
    };
  const list = (unknown: string): string =>
    taken.map((t) => `${t.port} (${t.wanted}): ${t.holder ?? unknown}`).join("; ");
  return {
    health: "fail",
    read: text(list("another program; root can see which"), list("其他程序；以 root 运行可查看")),
    fix: text(
      "end it, or choose another portBase in mall.yaml",
      "请结束该程序，或在 mall.yaml 中更换 portBase",
    ),
  };
};

const engine: Judge = ({ engine: e }) => {
  switch (e.kind) {
    case "running": {
      const read = text(
        `Docker ${e.version}, API ${e.apiVersion}, ${e.own ? "mallstack's own" : e.remote ? "on another machine" : "this machine's"}: ${e.host}`,
        `Docker ${e.version}，API ${e.apiVersion}，${e.own ? "mallstack 私有" : e.remote ? "位于其他机器" : "本机"}：${e.host}`,
      );
      return e.remote
        ? {
            health: "warn",
            read,
            fix: text(
              "memory, disk, limits and kernel settings below are this machine's, not the engine's: run the doctor there",
              "下列内存、磁盘、限制和内核设置属于本机而非引擎所在机器：请在该机器上运行 doctor",
            ),
          }
        : { health: "ok", read };
    }
    case "absent":
      return e.canStart
        ? {
            health: "ok",
            read: text("none runs; 'mall up' starts a private one", "未运行；“mall up”会启动私有引擎"),
          }
        : {
            health: "fail",
            read: text("none runs, and none can be started", "未运行，且无法启动"),
            fix: text(
              "install Docker Engine 20.10 or newer and start it, or run mallstack as root on Debian 12 or newer, or Ubuntu",
              "请安装并启动 Docker Engine 20.10 或更新版本，或在 Debian 12 及以上、Ubuntu 上以 root 运行 mallstack",
            ),
            source: "https://docs.docker.com/engine/install/",
          };
    case "unusable":
      return {
        health: "fail",
        read: same(e.reason),
        fix: text(
          "start or correct it, or take another one: DOCKER_HOST names it, MALL_ENGINE=private starts mallstack's own",
          "请启动或修正它，或改用其他引擎：用 DOCKER_HOST 指定，或用 MALL_ENGINE=private 启动 mallstack 私有引擎",
        ),
      };
  }
};

const judges: readonly (readonly [id: string, title: Text, judge: Judge])[] = [
  ["engine", text("Docker Engine", "Docker 引擎"), engine],
  ["memory", text("memory", "内存"), memory],
  ["cores", text("cores", "处理器"), cores],
  ["disk", text("disk, free of all", "磁盘（可用/总量）"), disk],
  ["ports", text("ports", "端口"), ports],
  ["file-limit", text("open files", "打开文件数"), files],
  ["huge-pages", text("transparent huge pages", "透明大页"), hugePages],
  ["map-count", text("vm.max_map_count", "vm.max_map_count"), mapCount],
  ["overcommit", text("vm.overcommit_memory", "vm.overcommit_memory"), overcommit],
  ["clock", text("clock", "时钟"), clock],
  ["kernel", text("kernel", "内核"), kernel],
  ["cgroups", text("cgroups", "cgroup"), cgroups],
];

/** Pure. One word on each, always in the same order. */
export const diagnose = (facts: HostFacts, demand: Demand): readonly Diagnosis[] =>
  judges.map(([id, title, judge]) => ({ id, title, ...judge(facts, demand) }));

import { defineErrors, entry } from "../errors.ts";
import type { Text } from "../text.ts";

const mib = (bytes: number) => Math.ceil(bytes / 2 ** 20);

export const engineError = defineErrors("engine", {
  ENGINE_ABSENT: entry<{ host: string }>(
    "machine",
    (p) => ({
      what: `no Docker Engine answers, and one of its own cannot be started on ${p.host}.`,
      fix: "Either install Docker Engine 20.10 or newer (https://docs.docker.com/engine/install/) and start it, or run this as root on Debian 12 or newer, or Ubuntu: a private engine is then started and nothing is installed.",
    }),
    (p) => ({
      what: `没有可用的 Docker Engine，且无法在 ${p.host} 上启动私有引擎。`,
      fix: "请安装并启动 Docker Engine 20.10 或更新版本（https://docs.docker.com/engine/install/）；或在 Debian 12 及以上、Ubuntu 上以 root 身份运行：将启动一个私有引擎，不会在主机上安装任何软件。",
    }),
  ),
  ENGINE_UNREACHABLE: entry<{ host: string; cause: string; from: string }>(
    "machine",
    (p) => ({
      what: `the Docker Engine at ${p.host} (${p.from}) does not answer: ${p.cause}.`,
      fix: "Start it, or let this user reach it (group docker). To use another one set DOCKER_HOST; MALL_ENGINE=private starts an engine of this mall's own, with its own empty volumes.",
    }),
    (p) => ({
      what: `${p.host}（${p.from}）上的 Docker Engine 没有应答：${p.cause}。`,
      fix: "请启动它，或让当前用户有权访问（docker 组）。可用 DOCKER_HOST 指定其他引擎；MALL_ENGINE=private 会启动本商城自己的引擎，其数据卷是空的。",
    }),
  ),
  ENGINE_UNSUITABLE: entry<{ host: string; cause: string }>(
    "machine",
    (p) => ({
      what: `the engine at ${p.host} cannot run a mall: ${p.cause}.`,
      fix: "Use Docker Engine 20.10 or newer with the Compose v2 and Buildx plugins, or MALL_ENGINE=private as root on Debian or Ubuntu.",
    }),
    (p) => ({
      what: `${p.host} 上的引擎无法运行商城：${p.cause}。`,
      fix: "请使用 Docker Engine 20.10 或更新版本并带有 Compose v2 与 Buildx 插件，或在 Debian、Ubuntu 上以 root 身份设置 MALL_ENGINE=private。",
    }),
  ),
  ENGINE_CHOICE_INVALID: entry<{ value: string }>(
    "input",
    (p) => ({ what: `MALL_ENGINE is '${p.value}'.`, fix: "It may be 'private', 'host', or not set." }),
    (p) => ({ what: `MALL_ENGINE 的值为“${p.value}”。`, fix: "可取值为 private、host，或不设置。" }),
  ),
  ENGINE_START_FAILED: entry<{ cause: string; lastLines: string; logPath: string }>(
    "operation",
    (p) => ({
      what: `the private engine did not start: ${p.cause}.${quoted(p.lastLines)}`,
      fix: `The whole log is ${p.logPath}. When its cause is mended, run the same command again; 'mall engine stop' clears what is left of this try.`,
    }),
    (p) => ({
      what: `私有引擎未能启动：${p.cause}。${quoted(p.lastLines)}`,
      fix: `完整日志见 ${p.logPath}。排除原因后请重新运行同一命令；'mall engine stop' 会清理本次尝试的残留。`,
    }),
  ),
  ENGINE_STOP_FAILED: entry<{ left: string }>(
    "operation",
    (p) => ({
      what: `the private engine is not wholly stopped; still there: ${p.left}.`,
      fix: "End what uses it and run 'mall engine stop' again: it continues where it ended.",
    }),
    (p) => ({
      what: `私有引擎未完全停止，仍存在：${p.left}。`,
      fix: "请结束占用它的程序，然后再次运行 'mall engine stop'，会从中断处继续。",
    }),
  ),
  ENGINE_DOWNLOAD_FAILED: entry<{ what: string; source: string; cause: string }>(
    "operation",
    (p) => ({
      what: `${p.what} could not be fetched from ${p.source}: ${p.cause}.`,
      fix: "Check the network and the proxy of this machine. A nearer Debian mirror can be named by mirrors.apt in mall.yaml or by MALL_APT_MIRROR. What is already fetched is kept.",
    }),
    (p) => ({
      what: `无法从 ${p.source} 获取 ${p.what}：${p.cause}。`,
      fix: "请检查本机网络与代理。可在 mall.yaml 的 mirrors.apt 或 MALL_APT_MIRROR 中指定更近的 Debian 镜像。已下载的内容会保留。",
    }),
  ),
  ENGINE_NO_MIRROR: entry<{ distribution: string }>(
    "machine",
    (p) => ({
      what: `this machine's apt sources name no ${p.distribution} mirror to take packages from.`,
      fix: "Name a Debian mirror by mirrors.apt in mall.yaml or by MALL_APT_MIRROR.",
    }),
    (p) => ({
      what: `本机的 apt 源中没有可用的 ${p.distribution} 镜像。`,
      fix: "请在 mall.yaml 的 mirrors.apt 或环境变量 MALL_APT_MIRROR 中指定 Debian 镜像。",
    }),
  ),
  ENGINE_NOT_ROOT: entry<{ action: string }>(
    "machine",
    (p) => ({
      what: `${p.action} needs root.`,
      fix: "Run this as root (sudo), or use a Docker Engine that this user can reach.",
    }),
    (p) => ({
      what: `${p.action} 需要 root 权限。`,
      fix: "请以 root 身份（sudo）运行，或使用当前用户可访问的 Docker Engine。",
    }),
  ),
  ENGINE_NO_SUBNET: entry<{ taken: string }>(
    "machine",
    (p) => ({
      what: `no private address range is free for the engine's networks; this machine routes ${p.taken}.`,
      fix: "Name a free /16, such as 10.99.0.0/16, in MALL_ENGINE_SUBNET.",
    }),
    (p) => ({
      what: `没有空闲的私有地址段可供引擎网络使用；本机已有路由：${p.taken}。`,
      fix: "请在 MALL_ENGINE_SUBNET 中指定一个空闲的 /16 网段，例如 10.99.0.0/16。",
    }),
  ),
  ENGINE_NOT_RUNNING: entry<Record<never, never>>(
    "machine",
    () => ({
      what: "no Docker Engine of this mall runs.",
      fix: "`mall up` starts it with everything in it; `mall engine start` starts the engine alone.",
    }),
    () => ({
      what: "此商城的 Docker Engine 未运行。",
      fix: "`mall up` 会启动它及其中的一切；`mall engine start` 只启动引擎。",
    }),
  ),
  ENGINE_COMMAND_FAILED: entry<{ command: string; exitCode: string; output: string }>(
    "operation",
    (p) => ({
      what: `'${p.command}' ended with ${p.exitCode}.${quoted(p.output)}`,
      fix: "The engine's own words are above.",
    }),
    (p) => ({
      what: `'${p.command}' 以 ${p.exitCode} 结束。${quoted(p.output)}`,
      fix: "引擎的原始输出见上。",
    }),
  ),
  BASE_IMAGE_FAILED: entry<{ suite: string; cause: string; lastLines: string }>(
    "operation",
    (p) => ({
      what: `the base image of Debian ${p.suite} could not be made: ${p.cause}.${quoted(p.lastLines)}`,
      fix: "No image registry answers quickly, so it is made from packages. Check the network, or name a Debian mirror in MALL_APT_MIRROR, then run this again.",
    }),
    (p) => ({
      what: `无法制作 Debian ${p.suite} 基础镜像：${p.cause}。${quoted(p.lastLines)}`,
      fix: "镜像仓库无法快速应答，因此由软件包制作。请检查网络，或在 MALL_APT_MIRROR 中指定 Debian 镜像，然后重试。",
    }),
  ),
  DISK_FULL: entry<{ path: string; freeBytes: number; neededBytes: number; purpose: Text }>(
    "machine",
    (p) => ({
      what: `no space for ${p.purpose.en}: ${p.path} has ${mib(p.freeBytes)} MiB free${p.neededBytes > 0 ? `, about ${mib(p.neededBytes)} MiB are needed` : ""}.`,
      fix: "Free space there, or move the state to a larger disk with MALL_HOME; then run the same command again, it continues.",
    }),
    (p) => ({
      what: `磁盘空间不足（${p.purpose.zh}）：${p.path} 剩余 ${mib(p.freeBytes)} MiB${p.neededBytes > 0 ? `，约需 ${mib(p.neededBytes)} MiB` : ""}。`,
      fix: "请释放空间，或用 MALL_HOME 把状态目录移到更大的磁盘；然后重新运行同一命令即可继续。",
    }),
  ),
});

function quoted(lines: string): string {
  const trimmed = lines.trim();
  return trimmed === "" ? "" : `\n${trimmed.replace(/^/gm, "    | ")}`;
}

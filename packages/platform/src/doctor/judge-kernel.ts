/** What the kernel's settings and its clock mean for the mall. Pure. */
import { text } from "../text.ts";
import { parseKernel } from "./host.ts";
import { type Judge, same, unread, unreadFix } from "./judgement.ts";

export const hugePages: Judge = ({ hugePages: mode }) => {
  if (mode === undefined) return { health: "ok", read: text("not in this kernel", "内核未启用该功能") };
  if (mode !== "always") return { health: "ok", read: same(mode) };
  return {
    health: "warn",
    read: same(mode),
    fix: text(
      "saving a data set in memory then stalls for long and takes up to twice the memory (RE-6): echo madvise > /sys/kernel/mm/transparent_hugepage/enabled, and at boot by transparent_hugepage=madvise",
      "内存数据集持久化时会长时间停顿，并多占最多一倍内存（RE-6）：echo madvise > /sys/kernel/mm/transparent_hugepage/enabled，并在启动参数中加入 transparent_hugepage=madvise",
    ),
    source: "https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency/",
  };
};

/** The kernel's own default (DEFAULT_MAX_MAP_COUNT, include/linux/mm.h): servers that ask for no more have enough. */
const usualMapCount = 65_530;

export const mapCount: Judge = ({ maxMapCount }, d) => {
  if (maxMapCount === undefined) return { health: "warn", read: unread, fix: unreadFix("vm.max_map_count") };
  if (maxMapCount >= Math.max(usualMapCount, d.maps))
    return { health: "ok", read: same(String(maxMapCount)) };
  if (maxMapCount >= usualMapCount)
    return {
      health: "warn",
      read: text(
        `${maxMapCount}, a server that maps its files asks for ${d.maps}`,
        `${maxMapCount}，映射文件的服务器要求 ${d.maps}`,
      ),
      fix: text(
        `it reads its files instead, which costs some speed: sysctl -w vm.max_map_count=${d.maps}, and in /etc/sysctl.d for every boot`,
        `该服务器改为读取文件，速度略低：sysctl -w vm.max_map_count=${d.maps}，并写入 /etc/sysctl.d`,
      ),
      source: "https://docs.kernel.org/admin-guide/sysctl/vm.html",
    };
  return {
    health: "warn",
    read: same(String(maxMapCount)),
    fix: text(
      `servers may fail to map their files: sysctl -w vm.max_map_count=${usualMapCount}, and in /etc/sysctl.d for every boot`,
      `服务器可能无法映射文件：sysctl -w vm.max_map_count=${usualMapCount}，并写入 /etc/sysctl.d`,
    ),
    source: "https://docs.kernel.org/admin-guide/sysctl/vm.html",
  };
};

export const overcommit: Judge = ({ overcommit: mode }) => {
  if (mode === undefined) return { health: "warn", read: unread, fix: unreadFix("vm.overcommit_memory") };
  if (mode === 1) return { health: "ok", read: same("1") };
  return {
    health: "warn",
    read: same(String(mode)),
    fix: text(
      `${mode === 2 ? "a fork counts its whole memory against the limit, and saving a data set fails" : "saving a data set may fail when memory is short"}: sysctl -w vm.overcommit_memory=1, and in /etc/sysctl.d for every boot`,
      `${mode === 2 ? "fork 会按全部内存计入限额，数据集持久化会失败" : "内存紧张时数据集持久化可能失败"}：sysctl -w vm.overcommit_memory=1，并写入 /etc/sysctl.d`,
    ),
    source: "https://redis.io/docs/latest/operate/oss_and_stack/management/admin/",
  };
};

/** No mallstack is older: a clock before it makes certificates that are not valid yet when it is set right. */
export const notBefore = Date.UTC(2026, 10, 1);
/** A clock that goes at another pace than the monotonic one by more is being stepped. */
const steadyMs = 50;

export const clock: Judge = ({ clock: c }) => {
  const at = new Date(c.now).toISOString();
  if (c.now < notBefore)
    return {
      health: "fail",
      read: same(at),
      fix: text(
        "the clock is in the past, and certificates made now would be refused later; set it: timedatectl set-ntp true, or date -s",
        "时钟处于过去，此时签发的证书日后会被拒绝；请校准：timedatectl set-ntp true 或 date -s",
      ),
    };
  if (Math.abs(c.apartMs) > steadyMs)
    return {
      health: "warn",
      read: text(`${at}, jumps by ${Math.round(c.apartMs)} ms`, `${at}，跳变 ${Math.round(c.apartMs)} 毫秒`),
      fix: text(
        "two programs set the clock, or the hypervisor does; leave it to one time service that slews (chrony)",
        "有多个程序或虚拟机监控器在调整时钟；请只保留一个平滑校时的服务（chrony）",
      ),
    };
  if (c.synchronized === true) return { health: "ok", read: text(`${at}, synchronized`, `${at}，已同步`) };
  return {
    health: "warn",
    read:
      c.synchronized === false
        ? text(`${at}, not synchronized`, `${at}，未同步`)
        : text(`${at}; no time service could be asked`, `${at}；未找到可查询的校时服务`),
    fix: text(
      "logs and certificates of several machines then disagree: apt-get install chrony (a virtual machine may get its time from its host)",
      "多台机器的日志和证书会不一致：apt-get install chrony（虚拟机也可能由宿主机校时）",
    ),
    source: "https://chrony-project.org/documentation.html",
  };
};

/** overlay2, by which Docker keeps images, needs 4.0 (docs.docker.com, OverlayFS storage driver). */
const leastKernel = 4;

export const kernel: Judge = ({ kernel: release }) => {
  const [major] = parseKernel(release) ?? [];
  return major !== undefined && major >= leastKernel
    ? { health: "ok", read: same(`Linux ${release}`) }
    : {
        health: "fail",
        read: same(release),
        fix: text("Linux 4.0 or newer is needed", "需要 Linux 4.0 或更新版本"),
        source: "https://docs.docker.com/engine/storage/drivers/overlayfs-driver/",
      };
};

/** Without these a container's limits are not kept. */
const wantedControllers = ["cpu", "memory", "pids"];

export const cgroups: Judge = ({ cgroups: c }) => {
  if (c === undefined)
    return {
      health: "fail",
      read: text("none mounted", "未挂载"),
      fix: text(
        "mount cgroups, as systemd and cgroupfs-mount do",
        "请挂载 cgroup（systemd 或 cgroupfs-mount 会自动完成）",
      ),
    };
  const missing = wantedControllers.filter((name) => !c.controllers.includes(name));
  const read = text(
    `version ${c.version}, ${c.controllers.join(" ")}`,
    `版本 ${c.version}，${c.controllers.join(" ")}`,
  );
  return missing.length === 0
    ? { health: "ok", read }
    : {
        health: "warn",
        read,
        fix: text(
          `limits of ${missing.join(", ")} are not kept: enable them at boot (cgroup_enable=memory)`,
          `${missing.join("、")} 的限制不会生效：请在启动参数中启用（cgroup_enable=memory）`,
        ),
      };
};

import { defineErrors, entry } from "../../errors.ts";

const quoted = (lines: string): string => (lines.trim() === "" ? "" : `\n${lines.replace(/^/gm, "    | ")}`);

/** Errors of making, keeping and replacing images. A full disk is the engine's DISK_FULL. */
export const imageError = defineErrors("images", {
  IMAGE_UNKNOWN: entry<{ image: string; known: string }>(
    "input",
    (p) => ({ what: `there is no image '${p.image}'.`, fix: `Known images: ${p.known}.` }),
    (p) => ({ what: `没有名为 '${p.image}' 的镜像。`, fix: `可用镜像：${p.known}。` }),
  ),
  IMAGE_DEFINITION_WRONG: entry<{ path: string; cause: string }>(
    "internal",
    (p) => ({ what: `${p.path} is not usable: ${p.cause}.`, fix: "Restore it: git checkout -- images." }),
    (p) => ({ what: `${p.path} 不可用：${p.cause}。`, fix: "请恢复该文件：git checkout -- images。" }),
  ),
  IMAGE_INPUT_MISSING: entry<{ image: string; path: string }>(
    "machine",
    (p) => ({
      what: `image ${p.image} needs ${p.path}, which is not there.`,
      fix: "What is in dist/ is made by ./mall: remove dist/ and run ./mall again. What is in images/ comes with the clone: git checkout -- images.",
    }),
    (p) => ({
      what: `镜像 ${p.image} 需要 ${p.path}，但该文件不存在。`,
      fix: "dist/ 中的文件由 ./mall 生成：请删除 dist/ 后重新运行 ./mall。images/ 中的文件随仓库提供：git checkout -- images。",
    }),
  ),
  IMAGE_BUILD_FAILED: entry<{ image: string; lastLines: string; logPath: string }>(
    "operation",
    (p) => ({
      what: `image ${p.image} could not be built.${quoted(p.lastLines)}`,
      fix: `The whole log is ${p.logPath}. If packages could not be fetched: check the network and the proxy, or name a nearer Debian mirror by mirrors.apt in mall.yaml. Then run the same command again; finished images are kept.`,
    }),
    (p) => ({
      what: `镜像 ${p.image} 构建失败。${quoted(p.lastLines)}`,
      fix: `完整日志见 ${p.logPath}。如果是软件包下载失败：请检查网络与代理，或在 mall.yaml 的 mirrors.apt 中指定更近的 Debian 镜像源。然后重新运行同一命令；已完成的镜像会保留。`,
    }),
  ),
  IMAGE_VERSION_UNSUPPORTED: entry<{ image: string; found: string; range: string; source: string }>(
    "operation",
    (p) => ({
      what: `${p.source} gives ${p.image} ${p.found}; this mallstack is made for ${p.range}. Nothing was built or replaced.`,
      fix: `Name a Debian mirror or snapshot that still has such a version by mirrors.apt, or an image that has it by images.${p.image} in mall.yaml, or use a mallstack made for ${p.found}.`,
    }),
    (p) => ({
      what: `${p.source} 提供的 ${p.image} 版本为 ${p.found}，而当前 mallstack 适用于 ${p.range}。未构建也未替换任何镜像。`,
      fix: `请在 mall.yaml 中用 mirrors.apt 指定仍有该版本的 Debian 镜像源或快照，或用 images.${p.image} 指定含该版本的镜像，或改用适配 ${p.found} 的 mallstack。`,
    }),
  ),
  IMAGE_NO_PREVIOUS: entry<{ image: string }>(
    "refused",
    (p) => ({
      what: `image ${p.image} was never upgraded here: there is no earlier one to go back to.`,
      fix: "'mall images list' shows what is kept.",
    }),
    (p) => ({
      what: `镜像 ${p.image} 在此从未升级过，没有可回退的旧版本。`,
      fix: "'mall images list' 可查看保留的镜像。",
    }),
  ),
  IMAGE_PREVIOUS_GONE: entry<{ image: string; tag: string }>(
    "refused",
    (p) => ({
      what: `the earlier image ${p.tag} of ${p.image} is no longer in the engine, so there is no way back to it.`,
      fix: "It was removed by hand or with the engine's data. The current image stays in use.",
    }),
    (p) => ({
      what: `${p.image} 的旧镜像 ${p.tag} 已不在引擎中，无法回退。`,
      fix: "它已被手动删除或随引擎数据一起删除。当前镜像继续使用。",
    }),
  ),
  IMAGE_RECORD_UNREADABLE: entry<{ path: string }>(
    "refused",
    (p) => ({
      what: `${p.path} cannot be read, so which images its mall needs is not known; none was removed.`,
      fix: "Bring that mall up once (its images are then recorded anew), or delete the folder if that mall is gone.",
    }),
    (p) => ({
      what: `无法读取 ${p.path}，不知道该商城需要哪些镜像；未删除任何镜像。`,
      fix: "请启动一次该商城（会重新记录其镜像）；若该商城已不存在，请删除该目录。",
    }),
  ),
});

import { defineErrors, entry } from "../errors.ts";

const maybe = (suggestion: string | undefined): { en: string; zh: string } =>
  suggestion === undefined
    ? { en: "", zh: "" }
    : { en: `Did you mean '${suggestion}'? `, zh: `您是否想输入“${suggestion}”？` };

export const cliError = defineErrors("mall", {
  USAGE_VERB: entry<{ verb: string; suggestion?: string | undefined; help: string }>(
    "input",
    (p) => ({
      what: `there is no command '${p.verb}'`,
      fix: `${maybe(p.suggestion).en}'${p.help}' lists all of them.`,
    }),
    (p) => ({
      what: `没有“${p.verb}”这个命令`,
      fix: `${maybe(p.suggestion).zh}“${p.help}”可列出全部命令。`,
    }),
  ),
  USAGE_OPTION: entry<{ option: string; suggestion?: string | undefined; help: string }>(
    "input",
    (p) => ({
      what: `unknown option '${p.option}'`,
      fix: `${maybe(p.suggestion).en}'${p.help}' shows what this command takes.`,
    }),
    (p) => ({
      what: `未知选项“${p.option}”`,
      fix: `${maybe(p.suggestion).zh}“${p.help}”可查看该命令的选项。`,
    }),
  ),
  USAGE_VALUE: entry<{ where: string; value: string; expected: { en: string; zh: string }; help: string }>(
    "input",
    (p) => ({
      what:
        p.value === ""
          ? `${p.where} needs ${p.expected.en}`
          : `${p.where} needs ${p.expected.en}, got '${p.value}'`,
      fix: `'${p.help}' shows what this command takes.`,
    }),
    (p) => ({
      what:
        p.value === ""
          ? `${p.where} 需要${p.expected.zh}`
          : `${p.where} 需要${p.expected.zh}，实际为“${p.value}”`,
      fix: `“${p.help}”可查看该命令的参数和选项。`,
    }),
  ),
  USAGE_EXCESS: entry<{ value: string; help: string }>(
    "input",
    (p) => ({
      what: `'${p.value}' is one argument too many`,
      fix: `Leave it out; '${p.help}' shows what this command takes.`,
    }),
    (p) => ({
      what: `参数“${p.value}”多余`,
      fix: `请去掉它；“${p.help}”可查看该命令的参数。`,
    }),
  ),
  TARGET_UNKNOWN: entry<{ target: string; known: readonly string[] }>(
    "input",
    (p) => ({
      what: `this mall has no service or instance '${p.target}'`,
      fix: `It has: ${p.known.join(", ")}.`,
    }),
    (p) => ({
      what: `此商城没有名为“${p.target}”的服务或实例`,
      fix: `现有：${p.known.join("、")}。`,
    }),
  ),
  CONFIRMATION_NEEDED: entry<{ command: string; loses: { en: string; zh: string } }>(
    "refused",
    (p) => ({
      what: `'mall ${p.command}' deletes ${p.loses.en} for good`,
      fix: "Say it again with --yes if that is what you want.",
    }),
    (p) => ({
      what: `“mall ${p.command}”将永久删除${p.loses.zh}`,
      fix: "若确认如此，请加上 --yes 再次运行。",
    }),
  ),
  INTERRUPTED: entry<Record<never, never>>(
    "interrupted",
    () => ({
      what: "ended by Ctrl-C",
      fix: "What was under way was ended cleanly; run the same command again to go on.",
    }),
    () => ({ what: "已被 Ctrl-C 中断", fix: "正在进行的工作已干净地结束；再次运行同一命令即可继续。" }),
  ),
  INTERNAL: entry<{ message: string }>(
    "internal",
    (p) => ({
      what: `a defect of mallstack itself: ${p.message}`,
      fix: "Run the command again with MALL_DEBUG=1 and report what it prints.",
    }),
    (p) => ({
      what: `mallstack 自身的缺陷：${p.message}`,
      fix: "请设置 MALL_DEBUG=1 后再次运行，并上报其输出。",
    }),
  ),
  IMAGES_OF_OTHERS: entry<{ malls: readonly string[] }>(
    "refused",
    (p) => ({
      what: `the engine holds malls of other state directories, whose images are not known here: ${p.malls.join(", ")}.`,
      fix: "See what would be removed with --dry-run, then take it with --others: what such a mall lacks it builds again at its next `up`, from the packages of that day.",
    }),
    (p) => ({
      what: `引擎中有其他状态目录的商城，此处无法得知其镜像：${p.malls.join("、")}。`,
      fix: "请先用 --dry-run 查看将删除的镜像，再用 --others 执行：这些商城缺少的镜像会在下次运行 up 时用当天的软件包重新构建。",
    }),
  ),
});

/** How `mall engine …` tells what an engine is. */
import type { EngineStatus } from "../engine/command.ts";
import { text } from "../text.ts";
import { columns } from "../width.ts";
import type { Output } from "./output.ts";

const states = {
  absent: text("none was ever started", "从未启动过"),
  stopped: text("stopped", "已停止"),
  running: text("running", "运行中"),
  unresponsive: text("its process runs and does not answer", "进程存在但无响应"),
} as const;

const kinds = {
  host: text("this machine's own", "本机已有的引擎"),
  private: text("mallstack's private one", "mallstack 的私有引擎"),
} as const;

/** A few aligned lines: which engine is used, then the private one if it was ever there. */
export function engineText(status: EngineStatus, out: Output): string {
  const { used, private: own } = status;
  const rows: (readonly [string, string])[] = [
    [
      out.say(text("engine", "引擎")),
      used === undefined
        ? out.colors.yellow(out.say(text("none runs; 'mall up' starts one", "未运行；“mall up”会启动")))
        : `${out.say(kinds[used.kind])}, API ${used.apiVersion}`,
    ],
  ];
  if (used !== undefined) rows.push(["DOCKER_HOST", used.host]);
  if (own.state !== "absent") {
    const since = own.since === undefined ? "" : `, ${out.say(text("since", "启动于"))} ${own.since}`;
    const pid = own.pid === undefined ? "" : `, pid ${own.pid}`;
    rows.push(
      [out.say(text("private engine", "私有引擎")), `${out.say(states[own.state])}${pid}${since}`],
      [out.say(text("containers", "容器")), String(own.containers)],
      [out.say(text("folder", "目录")), own.home],
      [out.say(text("log", "日志")), own.logPath],
    );
    if (own.range !== undefined) rows.push([out.say(text("networks", "网段")), own.range]);
    if (own.packages.length > 0) rows.push([out.say(text("programs", "程序")), own.packages.join(", ")]);
  }
  return columns(rows.map(([name, value]) => [out.colors.dim(name), value])).join("\n");
}

/** What `mall up` says at its end: what it did, and what is left to the user's own word. Pure. */
import type { UpResult } from "../targets/compose/up.ts";
import { type Text, text } from "../text.ts";

type Told = Pick<UpResult, "mall" | "unchanged" | "restarted" | "outdated" | "authority">;

/** One line each, the first one always. */
export function upLines(result: Told, seconds: number): readonly Text[] {
  return [summary(result, seconds), ...restarted(result), ...outdated(result), ...authority(result)];
}

function summary(result: Told, seconds: number): Text {
  const took = `${seconds.toFixed(1)} s`;
  return result.unchanged
    ? text(
        `The mall "${result.mall}" is up and as it should be; nothing was changed (${took}).`,
        `商城“${result.mall}”运行正常，未作任何更改（${took}）。`,
      )
    : text(`The mall "${result.mall}" is up (${took}).`, `商城“${result.mall}”已就绪（${took}）。`);
}

function restarted(result: Told): readonly Text[] {
  if (result.restarted.length === 0) return [];
  const names = result.restarted.join(", ");
  return [
    text(
      `Restarted, since they could not take up their new certificates while they ran: ${names}.`,
      `以下实例无法在运行中换用新证书，已重启：${names}。`,
    ),
  ];
}

/** An image that holds data is never replaced by the way. */
function outdated(result: Told): readonly Text[] {
  if (result.outdated.length === 0) return [];
  const names = result.outdated.join(", ");
  return [
    text(
      `This clone would make other images than those in use of ${names}: \`mall upgrade\` shows what would change.`,
      `当前代码会构建与在用版本不同的镜像（${names}）：运行 \`mall upgrade\` 可查看变化。`,
    ),
  ];
}

function authority(result: Told): readonly Text[] {
  if (result.authority === "stable") return [];
  return [
    text(
      "The replacement of the CA is not finished: `mall certs rotate --ca` goes on with it.",
      "CA 更换尚未完成：运行 `mall certs rotate --ca` 继续。",
    ),
  ];
}

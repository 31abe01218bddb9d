/** One line about live streaming. Pure. */
import { type Text, text } from "../../text.ts";
import { certificateCurrent } from "../served-certificate.ts";
import type { InstanceUp, LiveState } from "./state.ts";

export function summary({ instances }: LiveState): { readonly ok: boolean; readonly text: Text } {
  const up = instances.filter((one): one is InstanceUp => one.up);
  const [down] = instances.filter((one) => !one.up);
  if (down !== undefined && !down.up)
    return { ok: false, text: text(down.error, `${down.instance} 没有应答：${down.error}`) };
  const failing = up.find((one) => one.problem !== undefined);
  if (failing !== undefined)
    return {
      ok: false,
      text: text(
        `${failing.instance} does not serve: ${failing.problem}`,
        `${failing.instance} 无法提供服务：${failing.problem}`,
      ),
    };
  const late = up.find((one) => !certificateCurrent(one.certificate));
  if (late !== undefined)
    return {
      ok: false,
      text: text(
        `${late.instance} serves another certificate than the newest; takes it up within seconds`,
        `${late.instance} 正在使用旧证书，数秒内更换`,
      ),
    };
  const streams = new Set(up.flatMap((one) => one.streams)).size;
  const viewers = up.reduce((sum, one) => sum + one.viewers, 0);
  return {
    ok: true,
    text: text(`${streams} broadcasts, ${viewers} viewers`, `${streams} 场直播，${viewers} 名观众`),
  };
}

import { defineErrors, entry } from "../../errors.ts";

/** What the live application says of a refusal, in its own words. */
export interface Refusal {
  readonly code: string;
  readonly text: { readonly en: string; readonly zh: string };
  /** What of the request is wrong, where it says so. */
  readonly detail?: string | undefined;
}

const more = (detail: string | undefined): string => (detail === undefined ? "" : ` (${detail})`);

export const liveError = defineErrors("live", {
  LIVE_ABSENT: entry<Record<never, never>>(
    "input",
    () => ({
      what: "this mall has no live streaming",
      fix: "Set services.live.enabled: true in mall.yaml, then run 'mall up'.",
    }),
    () => ({
      what: "此商城未启用直播",
      fix: "请在 mall.yaml 中设置 services.live.enabled: true，然后运行 mall up。",
    }),
  ),
  LIVE_AWAY: entry<{ reason: string }>(
    "operation",
    (p) => ({
      what: `the live application does not serve: ${p.reason}`,
      fix: "'mall status' says what it lacks; 'mall up' starts what is missing.",
    }),
    (p) => ({
      what: `直播应用无法提供服务：${p.reason}`,
      fix: "mall status 可查看原因；mall up 会启动缺少的部分。",
    }),
  ),
  LIVE_REFUSED: entry<Refusal & { details: Refusal }>(
    "input",
    (p) => ({
      what: `the live application refuses with ${p.code}: ${p.text.en}${more(p.detail)}`,
      fix: "docs/live-application.md says what each code means.",
    }),
    (p) => ({
      what: `直播应用以 ${p.code} 拒绝：${p.text.zh}${more(p.detail)}`,
      fix: "各代码的含义见 docs/live-application.md。",
    }),
  ),
  LIVE_DEMO_ENDED: entry<{ output: string }>(
    "operation",
    (p) => ({
      what: `the test stream ended by itself: ${p.output}`,
      fix: "'mall logs live-ingest-1' says what the ingest did with it.",
    }),
    (p) => ({
      what: `测试直播意外结束：${p.output}`,
      fix: "mall logs live-ingest-1 可查看推流入口的处理情况。",
    }),
  ),
});

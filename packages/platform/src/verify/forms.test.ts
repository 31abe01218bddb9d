import { expect, test } from "vitest";
import { junit } from "./junit.ts";
import { render, type Style } from "./render.ts";
import { type CheckReport, totalsOf, type VerifyResult } from "./report.ts";

const report = (id: string, extra: Partial<CheckReport>): CheckReport => ({
  id,
  service: "shop",
  requirements: ["MY-1"],
  title: { en: `Title of ${id}`, zh: `${id} 的标题` },
  kind: "read",
  verdict: "pass",
  detail: { en: "three nodes", zh: "三个节点" },
  evidence: [{ from: "shop-1", read: "version 9.7.4" }],
  durationMs: 120,
  ...extra,
});

const groups = [
  {
    service: "shop",
    title: { en: "Shop", zh: "商店" },
    reports: [
      report("shop.version", { verdict: "deviates" }),
      report("shop.replicas", {
        verdict: "fail",
        requirements: ["MY-2", "MY-4"],
        detail: { en: 'one says <"no">', zh: "其一拒绝" },
        evidence: [{ from: "shop-2", read: "IO & SQL \u0000 stopped" }],
      }),
      report("shop.limit", {
        verdict: "pass",
        kind: "disruptive",
        detail: { en: "refused (3 h ago)", zh: "已拒绝（3 小时前）" },
        ranAt: "2026-11-24T09:00:00.000Z",
      }),
      report("shop.disk", { verdict: "not-run-here", evidence: [], missing: ["engine"] }),
    ],
  },
  {
    service: "later",
    title: { en: "Later steps", zh: "后续步骤" },
    reports: [
      report("MY-8", { service: "later", verdict: "pending", evidence: [], requirements: ["MY-8"] }),
      report("MY-9", { service: "later", verdict: "pending", evidence: [], requirements: ["MY-9"] }),
    ],
  },
];

const result: VerifyResult = {
  mall: "test",
  startedAt: "2026-11-24T12:00:00.000Z",
  durationMs: 1_234,
  ok: false,
  totals: totalsOf(groups.flatMap((g) => g.reports)),
  groups,
};

const style: Style = {
  language: "en",
  verbose: false,
  paint: (verdict, text) => (verdict === "fail" ? `<${text}>` : text),
  bold: (text) => text,
  dim: (text) => text,
};

test("JUnit: a failure fails, what did not run is skipped with its reason, and no byte breaks the XML", () => {
  expect(junit(result)).toMatchSnapshot();
});

test("text: grouped by service, a failure with what was read, later steps on one line", () => {
  expect(render(result, style)).toMatchSnapshot();
});

test("text, verbose and in Chinese: everything with what was read", () => {
  expect(render(result, { ...style, language: "zh", verbose: true })).toMatchSnapshot();
});

import { createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { defaultMall } from "../services/mall-schema.ts";
import { planMall } from "../services/plan-mall.ts";
import { portCount, portHolders } from "./ports.ts";

let server: Server | undefined;
afterEach(() => new Promise<void>((done) => (server === undefined ? done() : server.close(() => done()))));

test("a port that this very program has is found, with its pid", async () => {
  const mall = defaultMall({ profile: "small" });
  // Below the range from which the kernel gives ports away: other tests listen there at the same time.
  const base = 12_000;
  const plan = planMall({ ...mall, site: { ...mall.site, portBase: base } });
  const wanted = plan.services
    .flatMap((s) => s.workloads.flatMap((w) => w.instances))
    .flatMap((i) => i.published)[0];
  if (wanted === undefined) throw new Error("the default mall publishes no port");
  server = createServer();
  await new Promise<void>((done) => server?.listen(wanted.hostPort, "127.0.0.1", done));

  const found = await portHolders(plan, "127.0.0.1", undefined);
  expect(found).toHaveLength(1);
  expect(found[0]?.port).toBe(wanted.hostPort);
  expect(found[0]?.holder).toContain(`pid ${process.pid}`);
  expect(portCount(plan)).toBeGreaterThan(1);
});

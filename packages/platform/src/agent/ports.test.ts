import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { MallPlan } from "../plan/model.ts";
import { agent } from "../services/agent/index.ts";
import { planMall } from "../services/plan-mall.ts";
import { networkInside, secretFolder } from "./ports.ts";
import { mallOf } from "./testing/fake.ts";
import { writeGeneration } from "./testing/pki.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mall-ports-"));
});
afterEach(() => rm(folder, { recursive: true }));

const identity = { ca: "CA", cert: "CERT", key: "KEY" };

function plan(): MallPlan {
  const mall = mallOf();
  return planMall({ ...mall, services: { agent: agent.spec.parse({}) } }, [agent]);
}

test("an instance's port is its own, at its address in the mall", () => {
  const net = networkInside(plan());
  expect(net.address("agent-1", "api")).toEqual({
    host: "agent-1.agent",
    port: 8443,
    serverName: "agent-1.agent",
  });
  expect(() => net.address("agent-1", "none")).toThrow(/AGENT_PORT_UNKNOWN/);
  expect(() => net.address("agent-2", "api")).toThrow(/AGENT_PORT_UNKNOWN/);
});

test("a route's address is the endpoint's name, whose certificate it is too", () => {
  const route = {
    name: "x-primary",
    protocol: "x",
    port: 3306,
    hostPort: 13306,
    members: [],
    select: { kind: "any" as const },
  };
  expect(networkInside(plan()).route(route)).toEqual({
    host: "x-primary",
    port: 3306,
    serverName: "x-primary",
  });
});

test("a name that resolves to nothing is an error, not an empty list", async () => {
  await expect(networkInside(plan()).resolve("agent-1")).rejects.toThrow();
});

test("a new generation is read at the next call, with the previous value while there is one", async () => {
  const current = await writeGeneration(folder, 1, identity, {
    "credentials/x.user": "old",
    "fingerprints.json": '{"x-1":"aa"}',
  });
  const secrets = secretFolder(current);
  expect(await secrets.value("x.user")).toBe("old");
  expect(await secrets.previous("x.user")).toBeUndefined();
  expect([await secrets.fingerprint("x-1"), await secrets.fingerprint("x-2")]).toEqual(["aa", undefined]);
  await writeGeneration(
    folder,
    2,
    { ...identity, cert: "CERT2" },
    {
      "credentials/x.user": "new",
      "credentials/x.user.previous": "old",
    },
  );
  expect([await secrets.value("x.user"), await secrets.previous("x.user")]).toEqual(["new", "old"]);
  expect((await secrets.identity()).cert).toBe("CERT2");
  expect(await secrets.fingerprint("x-1")).toBeUndefined();
  await rm(join(folder, "1"), { recursive: true });
  expect(await secrets.identity()).toMatchObject({ ca: "CA", cert: "CERT2" });
});

test("of one generation each file is read once; in a folder that is no link each time", async () => {
  const current = await writeGeneration(folder, 1, identity, { "credentials/x.user": "first" });
  const kept = secretFolder(current);
  const plain = secretFolder(join(folder, "1"));
  for (const secrets of [kept, plain]) expect(await secrets.value("x.user")).toBe("first");
  expect(await kept.previous("x.user")).toBeUndefined();
  await writeFile(join(folder, "1", "credentials", "x.user"), "second");
  await writeFile(join(folder, "1", "credentials", "x.user.previous"), "first");
  expect([await kept.value("x.user"), await kept.previous("x.user")]).toEqual(["first", undefined]);
  expect([await plain.value("x.user"), await plain.previous("x.user")]).toEqual(["second", "first"]);
});

test("an absent secret is named, and so is a folder without an identity", async () => {
  const current = await writeGeneration(folder, 1, identity);
  await expect(secretFolder(current).value("x.user")).rejects.toThrow(/AGENT_SECRET_ABSENT.*x\.user/);
  await mkdir(join(folder, "empty"));
  await expect(secretFolder(join(folder, "empty")).identity()).rejects.toThrow(/AGENT_SECRET_ABSENT/);
});

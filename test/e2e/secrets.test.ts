/**
 * Secret volumes on the real engine: content, owner, modes, and that a reader never finds a gap. In the images with
 * the newest and the oldest of the tools that the filling uses.
 */
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Engine } from "../../packages/platform/src/engine/engine.ts";
import { ensureEngine } from "../../packages/platform/src/engine/find.ts";
import type { MallPlan } from "../../packages/platform/src/plan/model.ts";
import { instancesOf } from "../../packages/platform/src/plan/names.ts";
import { bundleOf } from "../../packages/platform/src/secrets/bundle.ts";
import { ensureSecrets } from "../../packages/platform/src/secrets/ensure.ts";
import { openStore, type SecretSnapshot } from "../../packages/platform/src/secrets/store.ts";
import { testPlan } from "../../packages/platform/src/secrets/test-store.ts";
import { labels, volumeName } from "../../packages/platform/src/targets/compose/names.ts";
import { type Delivery, deliverSecrets } from "../../packages/platform/src/targets/compose/secret-volumes.ts";
import { fastest } from "../support/fastest.ts";
import { readyImages } from "../support/ready-images.ts";

describe.each([
  { name: "mysql", uid: 10001 },
  { name: "redis", uid: 10002 },
])("in the image $name", ({ name, uid }) => {
  const mall = `secrets-${randomBytes(3).toString("hex")}`;
  const volumeOf = (instance: string): string => volumeName(mall, instance, "secrets");
  let engine: Engine;
  let image: string;
  let home: string;
  let snapshot: SecretSnapshot;

  /** The test plan under a name of its own, its workloads as the image's user. */
  const ownPlan = (names: readonly string[] = []): MallPlan => {
    const plan = testPlan([], names);
    const services = plan.services.map((service) => ({
      ...service,
      workloads: service.workloads.map((workload) => ({ ...workload, user: { uid, gid: uid } })),
    }));
    return { ...plan, mall, services };
  };
  const plan = ownPlan();
  const instances = instancesOf(plan).map((one) => one.instance.name);

  const deliver = (extra: Partial<Delivery> = {}): Promise<readonly string[]> =>
    deliverSecrets({
      engine,
      plan,
      snapshot,
      images: { db: image, keeper: image },
      mallId: "11111111-2222-3333-4444-555555555555",
      stateHome: home,
      ...extra,
    });

  /** `docker run` of the image as an instance's server would see its volume. */
  const asServer = (instance: string): readonly string[] => [
    ...["--network", "none", "--read-only", "--user", `${uid}:${uid}`],
    ...["--mount", `type=volume,source=${volumeOf(instance)},target=/secrets,readonly`],
    ...["--entrypoint", "/bin/sh", image, "-c"],
  ];
  const inside = (instance: string, command: string): Promise<string> =>
    engine.docker(["run", "--rm", ...asServer(instance), command]);

  beforeAll(async () => {
    engine = await ensureEngine();
    image = (await readyImages(engine, [name])).get(name)?.tag ?? "";
    home = await mkdtemp(join(tmpdir(), "mallstack-e2e-secrets-"));
    ({ snapshot } = await ensureSecrets(plan, openStore(home, mall)));
  }, 600_000);

  afterAll(async () => {
    const volumes = await engine.docker(["volume", "ls", "-q", "--filter", `label=${labels.mall}=${mall}`]);
    const names = volumes.split("\n").filter((line) => line !== "");
    if (names.length > 0) await engine.docker(["volume", "rm", ...names]);
    await rm(home, { recursive: true, force: true });
  }, 60_000);

  test("the first delivery fills every volume, the next none", async () => {
    expect(await deliver()).toEqual(instances);
    expect(await fastest(async () => expect(await deliver()).toEqual([]))).toBeLessThan(1_000);
  });

  test("a server finds its files, whole, its own and readable for it alone", async () => {
    await deliver();
    for (const { instance } of instancesOf(plan)) {
      const seen = await inside(
        instance.name,
        `cd /secrets/${instance.name}/current/ && find . -exec stat -c '%u:%g %a %n' {} + && find . -type f -exec sha256sum {} +`,
      );
      const files = bundleOf(plan, instance, snapshot);
      const folders = instance.allCredentials === true ? [".", "./credentials"] : ["."];
      expect(seen.split("\n").sort()).toEqual(
        [
          ...folders.map((path) => `${uid}:${uid} 700 ${path}`),
          ...files.flatMap(({ path, content }) => [
            `${uid}:${uid} 400 ./${path}`,
            `${createHash("sha256").update(content).digest("hex")}  ./${path}`,
          ]),
        ].sort(),
      );
    }
  });

  test("a changed certificate reaches a running server without a moment in which a file is absent", async () => {
    await deliver();
    const watcher = `${mall}-watcher`;
    const files = ["tls.crt", "tls.key", "ca.crt", "root-password"].map((f) => `/secrets/db-1/current/${f}`);
    const watch = `while :; do for f in ${files.join(" ")}; do cat $f >/dev/null || { echo gap: $f; exit 1; }; done; done`;
    await engine.docker([
      ...["run", "--detach", "--name", watcher, "--cpus", "0.5"],
      ...asServer("db-1"),
      watch,
    ]);
    try {
      for (let round = 0; round < 5; round += 1) {
        const changed = ownPlan([`name-${round}`]);
        const result = await ensureSecrets(changed, openStore(home, mall));
        // Both databases carry the new name, the keeper their fingerprints.
        expect(await deliver({ plan: changed, snapshot: result.snapshot })).toEqual(instances);
        const certificate = result.snapshot.certificates.get("db-1")?.certificate.trimEnd();
        expect(await engine.docker(["exec", watcher, "cat", "/secrets/db-1/current/tls.crt"])).toBe(
          certificate,
        );
      }
      const state = await engine.docker(["inspect", "--format", "{{.State.Running}}", watcher]);
      expect(`${state} ${await engine.docker(["logs", watcher])}`).toBe("true ");
      const kept = await engine.docker(["exec", watcher, "ls", "-A", "/secrets/db-1"]);
      expect(kept.replaceAll(/gen-[0-9a-f]{32}/g, "gen").split("\n")).toEqual(["current", "gen", "gen"]);
    } finally {
      await engine.docker(["rm", "--force", watcher]);
    }
  }, 120_000);

  test("a volume made anew is filled again, and the remains of a killed run are not in the way", async () => {
    await deliver();
    await engine.docker(["volume", "rm", volumeOf("db-2")]);
    await engine.docker(["volume", "create", "--label", `${labels.mall}=${mall}`, volumeOf("db-2")]);
    await engine.docker(["create", "--name", `mall-${mall}-db-2-fill`, "--entrypoint", "/bin/sh", image]);
    expect(await deliver()).toContain("db-2");
    expect(await inside("db-2", "cat /secrets/db-2/current/root-password")).toMatch(/^[A-Za-z0-9]{32}$/);
  });

  test("a delivery cut in the middle of its stream changes nothing, and the next one completes it", async () => {
    await deliver();
    const before = await inside("db-1", "cat /secrets/db-1/current/tls.crt");
    const changed = ownPlan(["cut"]);
    const result = await ensureSecrets(changed, openStore(home, mall));
    // A client that dies on the way: whole entries have arrived, the last one has not.
    const cutting: Delivery["engine"] = {
      api: engine.api,
      docker: (args, options) =>
        engine.docker(args, {
          ...options,
          ...(options?.input instanceof Uint8Array ? { input: options.input.subarray(0, 2048) } : {}),
        }),
    };
    await expect(deliver({ plan: changed, snapshot: result.snapshot, engine: cutting })).rejects.toThrow(
      /ENGINE_COMMAND_FAILED/,
    );
    expect(await inside("db-1", "cat /secrets/db-1/current/tls.crt")).toBe(before);
    expect(await deliver({ plan: changed, snapshot: result.snapshot })).toContain("db-1");
    expect(await inside("db-1", "cat /secrets/db-1/current/tls.crt")).not.toBe(before);
    expect(await inside("db-1", "ls -A /secrets/db-1")).not.toContain("tmp");
  });

  test("no secret is in an argument, an environment or the body of a call", async () => {
    const seen: string[] = [];
    const recording: Delivery["engine"] = {
      api: (path, options) => {
        seen.push(JSON.stringify([path, options?.body ?? null]));
        return engine.api(path, options);
      },
      docker: (args, options) => {
        seen.push(JSON.stringify([args, options?.env ?? null]));
        return engine.docker(args, options);
      },
    };
    await rm(join(home, "malls", mall, "delivered.json"), { force: true });
    expect(await deliver({ engine: recording })).toEqual(instances);
    const all = seen.join("\n");
    for (const value of snapshot.values.values()) expect(all).not.toContain(value.current);
    expect(all).not.toContain("PRIVATE KEY");
  });
});

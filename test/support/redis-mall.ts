/**
 * A Redis cluster of a test's own: containers rendered by the real Compose target, secrets from the real store, and
 * in the agent's place a loop that observes, decides and acts from the host, which reaches containers by address.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "../../packages/platform/src/engine/engine.ts";
import { ensureEngine } from "../../packages/platform/src/engine/find.ts";
import { messageOf } from "../../packages/platform/src/errors.ts";
import type { InstanceName, MallPlan } from "../../packages/platform/src/plan/model.ts";
import { instanceAddress, instancesOf } from "../../packages/platform/src/plan/names.ts";
import { fileBackend, secretsFolder } from "../../packages/platform/src/secrets/backend.ts";
import { ensureSecrets } from "../../packages/platform/src/secrets/ensure.ts";
import { storeReader } from "../../packages/platform/src/secrets/reader.ts";
import { actRedis } from "../../packages/platform/src/services/redis/act.ts";
import type { RedisAction } from "../../packages/platform/src/services/redis/actions.ts";
import { assess } from "../../packages/platform/src/services/redis/decide.ts";
import { observeRedis } from "../../packages/platform/src/services/redis/observe.ts";
import { planRedis } from "../../packages/platform/src/services/redis/plan.ts";
import { type RedisSpec, redisProfiles, redisSpec } from "../../packages/platform/src/services/redis/spec.ts";
import type { RedisState } from "../../packages/platform/src/services/redis/state.ts";
import type { Ctx, Net } from "../../packages/platform/src/services/service.ts";
import type { Site } from "../../packages/platform/src/spec/site.ts";
import { writeFolder } from "../../packages/platform/src/targets/compose/folder.ts";
import {
  containerName,
  networkName,
  projectName,
} from "../../packages/platform/src/targets/compose/names.ts";
import { enginePort, hostNet, inside } from "../../packages/platform/src/targets/compose/ports.ts";
import { renderCompose } from "../../packages/platform/src/targets/compose/render.ts";
import { deliverSecrets } from "../../packages/platform/src/targets/compose/secret-volumes.ts";
import { readyImages } from "./ready-images.ts";

export interface Healed {
  readonly seconds: number;
  readonly actions: readonly string[];
}

export class RedisMall {
  readonly #addresses = new Map<InstanceName, string>();
  readonly #controller = new AbortController();

  private constructor(
    readonly engine: Engine,
    readonly site: Site,
    readonly spec: RedisSpec,
    readonly plan: MallPlan,
    readonly home: string,
    readonly image: string,
  ) {}

  /** Containers made and started, nothing else. */
  static async start(options: { readonly portBase: number; readonly spec?: object }): Promise<RedisMall> {
    const engine = await ensureEngine();
    const image = (await readyImages(engine, ["redis"])).get("redis")?.tag ?? "";
    const site: Site = {
      name: `redis-${randomBytes(3).toString("hex")}`,
      profile: "small",
      bind: "127.0.0.1",
      portBase: options.portBase,
      accept: [],
      images: {},
      mirrors: {},
    };
    const spec = redisSpec.parse({ ...redisProfiles.small, ...options.spec });
    const client = {
      kind: "certificate",
      id: "operator",
      commonName: "operator",
      dnsNames: [],
      ipAddresses: [],
      usage: ["client"],
      rotate: "watch",
    } as const;
    const plan: MallPlan = { mall: site.name, services: [{ ...planRedis(spec, site), clients: [client] }] };
    const home = await mkdtemp(join(tmpdir(), "mall-redis-"));
    const mall = new RedisMall(engine, site, spec, plan, home, image);
    await mall.deliver();
    const rendered = renderCompose({
      plan,
      bind: site.bind,
      images: { redis: image },
      mallId: "test",
      maxFiles: 16_384,
    });
    await writeFolder(mall.#folder, "files" in rendered ? rendered.files : rendered);
    await mall.compose("up", "--detach");
    await mall.learnAddresses();
    return mall;
  }

  get #folder(): string {
    return join(this.home, "compose");
  }

  readonly instances = (): readonly InstanceName[] => instancesOf(this.plan).map((l) => l.instance.name);

  /** Makes what the store lacks and brings it into the volumes. */
  async deliver(): Promise<void> {
    const { plan, engine, home } = this;
    const { snapshot } = await ensureSecrets(plan, this.backend);
    await deliverSecrets({
      engine,
      plan,
      snapshot,
      images: { redis: this.image },
      mallId: "test",
      stateHome: home,
    });
  }

  get backend() {
    return fileBackend(secretsFolder(this.plan.mall, this.home));
  }

  async compose(...args: readonly string[]): Promise<void> {
    await this.engine.docker([
      ...["compose", "--progress", "quiet", "--project-name", projectName(this.plan.mall)],
      ...["--project-directory", this.#folder, ...args],
    ]);
  }

  async docker(...args: readonly string[]): Promise<string> {
    return this.engine.docker(args);
  }

  container = (instance: InstanceName): string => containerName(this.plan.mall, instance);

  async learnAddresses(): Promise<void> {
    const names = this.instances().map(this.container);
    const { stdout } = await this.engine.tryDocker([
      "inspect",
      "--format",
      "{{.Name}} {{.State.Running}} {{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
      ...names,
    ]);
    this.#addresses.clear();
    for (const line of stdout.split("\n")) {
      const [name, running, address] = line.split(" ");
      const instance = this.instances().find((i) => `/${this.container(i)}` === name);
      if (instance !== undefined && running === "true" && address) this.#addresses.set(instance, address);
    }
  }

  addressOf(instance: InstanceName): string {
    return this.#addresses.get(instance) ?? "192.0.2.1";
  }

  /** As the agent sees the mall: by the containers' own addresses. */
  ctx(): Ctx<RedisSpec> {
    const net: Net = {
      address: (instance, port) => ({
        host: this.addressOf(instance),
        port: port === "bus" ? 16_379 : 6_379,
        serverName: instanceAddress("redis", instance),
      }),
      route: () => {
        throw new Error("no route");
      },
      resolve: async (instance) => {
        const address = this.#addresses.get(instance);
        if (address === undefined) throw new Error(`${instance} resolves to nothing`);
        return [address];
      },
    };
    return this.#ctx(net);
  }

  /** As the command line sees it: by published ports, with the containers' insides and the engine. */
  hostCtx(): Ctx<RedisSpec> {
    const { engine, site, plan } = this;
    return {
      ...this.#ctx(hostNet(plan, site.bind)),
      inside: inside(engine, plan.mall),
      engine: enginePort(engine, plan, this.#folder),
    };
  }

  #ctx(net: Net): Ctx<RedisSpec> {
    const [own] = this.plan.services;
    if (own === undefined) throw new Error("the plan has one service");
    return {
      site: this.site,
      spec: this.spec,
      plan: this.plan,
      own,
      net,
      secrets: storeReader(this.plan, this.backend, "operator"),
      roles: { holders: () => undefined, unseenSince: () => undefined },
      signal: this.#controller.signal,
      now: () => Date.now(),
      log: () => {},
    };
  }

  act = (action: RedisAction): Promise<void> => actRedis(this.ctx(), action);

  observe = (): Promise<RedisState> => observeRedis(this.ctx());

  /** The agent's loop at its own pace until the cluster is whole. @throws with what is wrong after the limit. */
  async heal(limitMs = 60_000): Promise<Healed> {
    const started = performance.now();
    const actions: string[] = [];
    let problem = "";
    while (performance.now() - started < limitMs) {
      await this.learnAddresses();
      const state = await observeRedis(this.ctx());
      const now = assess(this.spec, state);
      if (now.actions.length === 0 && now.problems.length === 0) {
        return { seconds: Math.round(performance.now() - started) / 1000, actions };
      }
      problem = now.problems.map((p) => p.en).join("; ");
      let acted = false;
      const failed = new Set<string>();
      for (const action of now.actions) {
        if (failed.has(action.target)) continue;
        try {
          const before = performance.now();
          await actRedis(this.ctx(), action);
          actions.push(`${action.kind} ${action.target} ${Math.round(performance.now() - before)} ms`);
          acted = true;
        } catch (error) {
          failed.add(action.target);
          actions.push(`(${action.kind} ${action.target}: ${messageOf(error)})`);
        }
      }
      await sleep(acted ? 250 : 1_000);
    }
    throw new Error(`not whole after ${limitMs} ms: ${problem}; done: ${actions.join(", ")}`);
  }

  /** New containers, volumes kept; placeholders hold the former addresses, so that each gets another one. */
  async recreateElsewhere(instances: readonly InstanceName[]): Promise<void> {
    const former = new Set(instances.map((i) => this.addressOf(i)));
    await this.compose("rm", "--stop", "--force", ...instances);
    const placeholders: string[] = [];
    while (former.size > 0) {
      const name = `${projectName(this.plan.mall)}-placeholder-${placeholders.length}`;
      await this.docker(
        ...["run", "--detach", "--name", name, "--network", networkName(this.plan.mall)],
        ...["--entrypoint", "/bin/sh", this.image, "-c", "sleep 600"],
      );
      placeholders.push(name);
      former.delete(
        await this.docker(
          ...["inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", name],
        ),
      );
    }
    await this.compose("up", "--detach", "--no-recreate");
    await this.docker("rm", "--force", ...placeholders);
    await this.learnAddresses();
  }

  /** The container and its data are gone; it comes back with an empty volume. */
  async emptyOut(instance: InstanceName): Promise<void> {
    await this.compose("rm", "--stop", "--force", instance);
    await this.docker("volume", "rm", `${projectName(this.plan.mall)}_${instance}-data`);
    await this.compose("up", "--detach", "--no-recreate", instance);
    await this.learnAddresses();
  }

  async close(): Promise<void> {
    this.#controller.abort();
    await this.compose("down", "--volumes", "--timeout", "2").catch(() => {});
    const volumes = await this.docker(
      "volume",
      "ls",
      "-q",
      "--filter",
      `name=${projectName(this.plan.mall)}_`,
    );
    const names = volumes.split("\n").filter((v) => v !== "");
    if (names.length > 0) await this.docker("volume", "rm", ...names);
    await rm(this.home, { recursive: true, force: true });
  }
}

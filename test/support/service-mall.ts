/**
 * One service, with those it needs, as a mall of a test's own: containers rendered by the real Compose target, secrets
 * from the real store, and in the agent's place a loop that observes, decides and acts from the host, which reaches
 * containers by address. Nothing of the registry's other services is started, and no service is named here.
 *
 *     const mall = await ServiceMall.start<RedisSpec, RedisState, RedisAction>(redis, { portBase: 20_000 });
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "../../packages/platform/src/engine/engine.ts";
import { containerFileLimit } from "../../packages/platform/src/engine/limits.ts";
import type { InstanceName, MallPlan } from "../../packages/platform/src/plan/model.ts";
import { instanceAddress, instancesOf, type Located } from "../../packages/platform/src/plan/names.ts";
import { fileBackend, secretsFolder } from "../../packages/platform/src/secrets/backend.ts";
import { ensureSecrets } from "../../packages/platform/src/secrets/ensure.ts";
import { storeReader } from "../../packages/platform/src/secrets/reader.ts";
import { checkPatience } from "../../packages/platform/src/services/patience.ts";
import type {
  ActionBase,
  AnyService,
  Check,
  Ctx,
  Net,
  Service,
} from "../../packages/platform/src/services/service.ts";
import type { Site } from "../../packages/platform/src/spec/site.ts";
import { writeFolder } from "../../packages/platform/src/targets/compose/folder.ts";
import {
  containerName,
  networkName,
  projectName,
  volumeName,
} from "../../packages/platform/src/targets/compose/names.ts";
import { enginePort, hostNet, inside } from "../../packages/platform/src/targets/compose/ports.ts";
import { renderCompose } from "../../packages/platform/src/targets/compose/render.ts";
import { deliverSecrets } from "../../packages/platform/src/targets/compose/secret-volumes.ts";
import { operator, type Raised, raise, type ServiceMallOptions } from "./raised-mall.ts";
import { step } from "./service-step.ts";

export interface Healed {
  readonly seconds: number;
  /** `kind target`, in order; what failed in parentheses with its reason. */
  readonly actions: readonly string[];
}

/** Nothing answers here (RFC 5737): where a container without an address is looked for. */
const nowhere = "192.0.2.1";

export class ServiceMall<Spec, State, Action extends ActionBase> {
  readonly engine: Engine;
  readonly site: Site;
  readonly spec: Spec;
  readonly plan: MallPlan;
  readonly home: string;
  /** The service's own types, opened again: `defineService` closed them. */
  readonly service: Service<Spec, State, Action>;
  readonly #raised: Raised;
  readonly #located: ReadonlyMap<InstanceName, Located>;
  readonly #addresses = new Map<InstanceName, string>();
  readonly #controller = new AbortController();

  protected constructor(service: AnyService, raised: Raised) {
    this.#raised = raised;
    this.engine = raised.engine;
    this.site = raised.mall.site;
    this.plan = raised.plan;
    this.home = raised.home;
    this.service = service as unknown as Service<Spec, State, Action>;
    this.spec = raised.mall.services[service.name] as Spec;
    this.#located = new Map(instancesOf(raised.plan).map((found) => [found.instance.name, found]));
  }

  /** Containers made and started, nothing else. */
  static async start<Spec, State, Action extends ActionBase>(
    service: AnyService,
    options: ServiceMallOptions,
  ): Promise<ServiceMall<Spec, State, Action>> {
    return new ServiceMall<Spec, State, Action>(service, await raise(service, options)).up();
  }

  protected static raise = raise;

  protected async up(): Promise<this> {
    const { plan, images } = this.#raised;
    await this.deliver();
    const { files } = renderCompose({
      plan,
      bind: this.site.bind,
      images,
      mallId: "test",
      maxFiles: await containerFileLimit(),
    });
    await writeFolder(this.#folder, files);
    await this.compose("up", "--detach");
    return this;
  }

  get #folder(): string {
    return join(this.home, "compose");
  }

  /** The service's own instances, or another's of the mall. */
  readonly instances = (service = this.service.name): readonly InstanceName[] =>
    [...this.#located.values()].filter((one) => one.service === service).map((one) => one.instance.name);

  container = (instance: InstanceName): string => containerName(this.plan.mall, instance);

  get backend() {
    return fileBackend(secretsFolder(this.plan.mall, this.home));
  }

  get secrets() {
    return storeReader(this.plan, this.backend, operator.id);
  }

  /** Makes what the store lacks and brings it into the volumes. */
  async deliver(): Promise<void> {
    const { engine, plan, home, images } = this.#raised;
    const { snapshot } = await ensureSecrets(plan, this.backend);
    await deliverSecrets({ engine, plan, snapshot, images, mallId: "test", stateHome: home });
  }

  /** A command of Compose; addresses are learnt anew after it. */
  async compose(...args: readonly string[]): Promise<void> {
    await this.engine.docker([
      ...["compose", "--progress", "quiet", "--project-name", projectName(this.plan.mall)],
      ...["--project-directory", this.#folder, ...args],
    ]);
    await this.learnAddresses();
  }

  docker = (...args: readonly string[]): Promise<string> => this.engine.docker(args);

  async learnAddresses(): Promise<void> {
    const all = [...this.#located.keys()];
    const { stdout } = await this.engine.tryDocker([
      "inspect",
      "--format",
      "{{.Name}} {{.State.Running}} {{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
      ...all.map(this.container),
    ]);
    this.#addresses.clear();
    for (const line of stdout.split("\n")) {
      const [name, running, address] = line.split(" ");
      const instance = all.find((one) => `/${this.container(one)}` === name);
      if (instance !== undefined && running === "true" && address) this.#addresses.set(instance, address);
    }
  }

  addressOf = (instance: InstanceName): string => this.#addresses.get(instance) ?? nowhere;

  /**
   * As the agent sees the mall: by the containers' own addresses, and no other port than the network.
   * @param patience the loop's own; {@link checkPatience} where a busy machine must make no difference
   */
  ctx(patience = 1): Ctx<Spec> {
    return { ...this.#ctx(this.service, this.#net), patience } as Ctx<Spec>;
  }

  /** The same of another service of the mall. */
  // biome-ignore lint/suspicious/noExplicitAny: its spec is its own affair
  ctxOf = (service: AnyService): Ctx<any> => this.#ctx(service, this.#net);

  /** As the command line sees it: by published ports, with the containers' insides and the engine. */
  hostCtx(): Ctx<Spec> {
    const { engine, site, plan } = this;
    return {
      ...this.#ctx(this.service, hostNet(plan, site.bind)),
      inside: inside(engine, plan.mall),
      engine: enginePort(engine, plan, this.#folder),
    } as Ctx<Spec>;
  }

  /** Not every port is published: the agent runs a check that needs the network alone, the host every other. */
  ctxFor(check: Pick<Check<Spec>, "needs">): Ctx<Spec> {
    const ctx = check.needs.some((port) => port !== "net") ? this.hostCtx() : this.ctx();
    return { ...ctx, patience: checkPatience };
  }

  readonly #net: Net = {
    address: (instance, port) => {
      const { workload } = this.#locate(instance);
      const found = workload.ports.find((one) => one.name === port);
      if (found === undefined) throw new Error(`${instance} has no port ${port}`);
      return {
        host: this.addressOf(instance),
        port: found.number,
        serverName: instanceAddress(workload.name, instance),
      };
    },
    // No proxy runs here: its part is played by the first member that has an address.
    route: ({ name, members }) => {
      const member = members.find((one) => this.#addresses.has(one.instance));
      if (member === undefined) throw new Error(`nothing answers behind ${name}`);
      const { workload } = this.#locate(member.instance);
      return {
        host: this.addressOf(member.instance),
        port: member.port,
        serverName: instanceAddress(workload.name, member.instance),
      };
    },
    resolve: async (instance) => {
      const address = this.#addresses.get(instance);
      if (address === undefined) throw new Error(`${instance} resolves to nothing`);
      return [address];
    },
  };

  #locate(instance: InstanceName): Located {
    const found = this.#located.get(instance);
    if (found === undefined) throw new Error(`no instance ${instance}`);
    return found;
  }

  #ctx({ name }: { readonly name: string }, net: Net): Ctx {
    const own = this.plan.services.find((one) => one.service === name);
    if (own === undefined) throw new Error(`no service ${name}`);
    return {
      site: this.site,
      spec: this.#raised.mall.services[name],
      plan: this.plan,
      own,
      net,
      secrets: this.secrets,
      roles: { holders: () => undefined, unseenSince: () => undefined },
      signal: this.#controller.signal,
      patience: 1,
      now: () => Date.now(),
      log: () => {},
    };
  }

  act = (action: Action): Promise<void> => this.service.act(this.ctx(), action);

  observe = (patience = 1): Promise<State> => this.service.observe(this.ctx(patience));

  /**
   * The agent's loop at its own pace until nothing is to be done and each summary is content.
   * @throws with what is wrong after the limit.
   */
  async heal(limitMs = 90_000): Promise<Healed> {
    const started = performance.now();
    const actions: string[] = [];
    let problem = "";
    while (performance.now() - started < limitMs) {
      let isWhole = true;
      let hasActed = false;
      for (const service of this.#raised.services) {
        await this.learnAddresses();
        const ctx = this.#ctx(service, this.#net);
        const state = await service.observe(ctx);
        const decided = service.decide(ctx.spec, state);
        const { ok, text } = service.summary(ctx.spec, state);
        if (ok && decided.length === 0) continue;
        isWhole = false;
        problem = text.en;
        hasActed = (await step(service, ctx, decided, actions)) || hasActed;
      }
      if (isWhole) return { seconds: Math.round(performance.now() - started) / 1000, actions };
      await sleep(hasActed ? 250 : 1_000);
    }
    throw new Error(`not whole after ${limitMs} ms: ${problem}; done: ${actions.slice(-8).join(", ")}`);
  }

  /** One round of actions that were decided. @returns whether any was done. */
  step = (decided: readonly Action[], actions: string[] = []): Promise<boolean> =>
    step(this.service as unknown as AnyService, this.ctx(), decided, actions);

  /** New containers, volumes kept; placeholders hold the former addresses, so that each gets another one. */
  async recreateElsewhere(instances: readonly InstanceName[]): Promise<void> {
    const former = new Set(instances.map((one) => this.addressOf(one)));
    const [first] = instances;
    if (first === undefined) return;
    const image = await this.docker("inspect", "--format", "{{.Image}}", this.container(first));
    await this.compose("rm", "--stop", "--force", ...instances);
    const placeholders: string[] = [];
    while (former.size > 0) {
      const name = `${projectName(this.plan.mall)}-placeholder-${placeholders.length}`;
      await this.docker(
        ...["run", "--detach", "--name", name, "--network", networkName(this.plan.mall)],
        ...["--entrypoint", "/bin/sh", image, "-c", "sleep 600"],
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
  }

  /** The container and its data are gone; it comes back with empty volumes. */
  async emptyOut(instance: InstanceName): Promise<void> {
    const { volumes } = this.#locate(instance).workload;
    await this.compose("rm", "--stop", "--force", instance);
    const names = volumes
      .filter((volume) => volume.shared === undefined)
      .map((volume) => volumeName(this.plan.mall, instance, volume.name));
    await this.docker("volume", "rm", ...names);
    await this.compose("up", "--detach", "--no-recreate", instance);
  }

  async close(): Promise<void> {
    this.#controller.abort();
    await this.compose("down", "--volumes", "--timeout", "2").catch(() => {});
    const mine = `name=${projectName(this.plan.mall)}_`;
    const listed = await this.docker("volume", "ls", "-q", "--filter", mine);
    const names = listed.split("\n").filter((volume) => volume !== "");
    if (names.length > 0) await this.docker("volume", "rm", ...names);
    await rm(this.home, { recursive: true, force: true });
  }
}

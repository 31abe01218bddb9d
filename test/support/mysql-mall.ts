/**
 * Three MySQL servers of a test's own: containers rendered by the real Compose target, secrets from the real store,
 * and in the agent's place a loop that observes, decides and acts from the host, which reaches containers by address.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "../../packages/platform/src/engine/engine.ts";
import { ensureEngine } from "../../packages/platform/src/engine/find.ts";
import { containerFileLimit } from "../../packages/platform/src/engine/limits.ts";
import { messageOf } from "../../packages/platform/src/errors.ts";
import type { InstanceName, MallPlan } from "../../packages/platform/src/plan/model.ts";
import { fileBackend, secretsFolder } from "../../packages/platform/src/secrets/backend.ts";
import { ensureSecrets } from "../../packages/platform/src/secrets/ensure.ts";
import { storeReader } from "../../packages/platform/src/secrets/reader.ts";
import { act } from "../../packages/platform/src/services/mysql/act.ts";
import type { Action } from "../../packages/platform/src/services/mysql/action.ts";
import {
  openSession,
  type Row,
  type Session,
  withSession,
} from "../../packages/platform/src/services/mysql/client.ts";
import { type Assessment, assess } from "../../packages/platform/src/services/mysql/decide.ts";
import { nodeAddress, nodeNames, ports } from "../../packages/platform/src/services/mysql/names.ts";
import { observe } from "../../packages/platform/src/services/mysql/observe.ts";
import { mysqlPlan } from "../../packages/platform/src/services/mysql/plan.ts";
import { type MysqlSpec, mysqlProfiles, mysqlSpec } from "../../packages/platform/src/services/mysql/spec.ts";
import type { ReachableNode, State } from "../../packages/platform/src/services/mysql/state.ts";
import { secretOf } from "../../packages/platform/src/services/mysql/users.ts";
import type { Ctx, Net } from "../../packages/platform/src/services/service.ts";
import type { Site } from "../../packages/platform/src/spec/site.ts";
import { writeFolder } from "../../packages/platform/src/targets/compose/folder.ts";
import { containerName, projectName } from "../../packages/platform/src/targets/compose/names.ts";
import { inside } from "../../packages/platform/src/targets/compose/ports.ts";
import { renderCompose } from "../../packages/platform/src/targets/compose/render.ts";
import { deliverSecrets } from "../../packages/platform/src/targets/compose/secret-volumes.ts";
import { readyImages } from "./ready-images.ts";

export interface Healed {
  readonly seconds: number;
  /** `kind target`, in order; what failed in parentheses with its reason. */
  readonly actions: readonly string[];
}

/** The command line's own client certificate. */
const operator = {
  kind: "certificate",
  id: "operator",
  commonName: "operator",
  dnsNames: [],
  ipAddresses: [],
  usage: ["client"],
  rotate: "watch",
} as const;

export class MysqlMall {
  readonly #addresses = new Map<InstanceName, string>();
  readonly #controller = new AbortController();

  private constructor(
    readonly engine: Engine,
    readonly site: Site,
    readonly spec: MysqlSpec,
    readonly plan: MallPlan,
    readonly home: string,
    readonly image: string,
  ) {}

  /** Containers made and started, nothing else. */
  static async start(options: { readonly portBase: number; readonly spec?: object }): Promise<MysqlMall> {
    const engine = await ensureEngine();
    const image = (await readyImages(engine, ["mysql"])).get("mysql")?.tag ?? "";
    const site: Site = {
      name: `mysql-${randomBytes(3).toString("hex")}`,
      profile: "small",
      bind: "127.0.0.1",
      portBase: options.portBase,
      accept: [],
      images: {},
      mirrors: {},
    };
    const spec = mysqlSpec.parse({ ...mysqlProfiles.small, ...options.spec });
    const plan: MallPlan = {
      mall: site.name,
      services: [{ ...mysqlPlan(spec, site), clients: [operator] }],
    };
    const home = await mkdtemp(join(tmpdir(), "mall-mysql-"));
    const mall = new MysqlMall(engine, site, spec, plan, home, image);
    await mall.deliver();
    const { files } = renderCompose({
      plan,
      bind: site.bind,
      images: { mysql: image },
      mallId: "test",
      maxFiles: await containerFileLimit(),
    });
    await writeFolder(mall.#folder, files);
    await mall.compose("up", "--detach");
    return mall;
  }

  get #folder(): string {
    return join(this.home, "compose");
  }

  get backend() {
    return fileBackend(secretsFolder(this.plan.mall, this.home));
  }

  get secrets() {
    return storeReader(this.plan, this.backend, operator.id);
  }

  /** Makes what the store lacks and brings it into the volumes. */
  async deliver(): Promise<void> {
    const { plan, engine, home } = this;
    const { snapshot } = await ensureSecrets(plan, this.backend);
    await deliverSecrets({
      engine,
      plan,
      snapshot,
      images: { mysql: this.image },
      mallId: "test",
      stateHome: home,
    });
  }

  async compose(...args: readonly string[]): Promise<void> {
    await this.engine.docker([
      ...["compose", "--progress", "quiet", "--project-name", projectName(this.plan.mall)],
      ...["--project-directory", this.#folder, ...args],
    ]);
    await this.learnAddresses();
  }

  async docker(...args: readonly string[]): Promise<string> {
    return this.engine.docker(args);
  }

  container = (instance: InstanceName): string => containerName(this.plan.mall, instance);

  async learnAddresses(): Promise<void> {
    const { stdout } = await this.engine.tryDocker([
      "inspect",
      "--format",
      "{{.Name}} {{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
      ...nodeNames.map(this.container),
    ]);
    this.#addresses.clear();
    for (const line of stdout.split("\n")) {
      const [name, address] = line.split(" ");
      const instance = nodeNames.find((one) => `/${this.container(one)}` === name);
      if (instance !== undefined && address) this.#addresses.set(instance, address);
    }
  }

  /** As the agent sees the mall: by the containers' own addresses. */
  ctx(): Ctx<MysqlSpec> {
    const addressOf = (instance: string): string =>
      this.#addresses.get(nodeNames.find((name) => name === instance) ?? "") ?? "192.0.2.1";
    const net: Net = {
      address: (instance, port) => ({
        host: addressOf(instance),
        port: port === "admin" ? ports.admin : ports.mysql,
        serverName: nodeAddress(instance),
      }),
      route: () => {
        throw new Error("no route");
      },
      resolve: async (instance) => [addressOf(instance)],
    };
    const [own] = this.plan.services;
    if (own === undefined) throw new Error("the plan has one service");
    return {
      site: this.site,
      spec: this.spec,
      plan: this.plan,
      own,
      net,
      inside: inside(this.engine, this.plan.mall),
      secrets: this.secrets,
      roles: { holders: () => undefined, unseenSince: () => undefined },
      signal: this.#controller.signal,
      now: () => Date.now(),
      log: () => {},
    };
  }

  act = (action: Action): Promise<void> => act(this.ctx(), action);
  observe = (): Promise<State> => observe(this.ctx());

  async assess(): Promise<Assessment> {
    return assess(this.spec, await this.observe());
  }

  async node(instance: InstanceName): Promise<ReachableNode> {
    const found = (await this.observe()).nodes.find((node) => node.name === instance);
    if (found?.reachable !== true) throw new Error(`${instance} does not answer`);
    return found;
  }

  /** Statements on one connection of the agent's own account. */
  async sql(instance: InstanceName, ...statements: readonly string[]): Promise<readonly Row[]> {
    return withSession(this.ctx(), instance, async (session) => {
      let rows: readonly Row[] = [];
      for (const statement of statements) rows = await session.rows(statement, [], 20_000);
      return rows;
    });
  }

  /** An application's connection. */
  async as(user: string, instance: InstanceName, database?: string): Promise<Session> {
    const { ca } = await this.secrets.identity();
    const login = { user, password: await this.secrets.value(secretOf(user)), identity: { ca } };
    const address = this.ctx().net.address(instance, "mysql");
    return openSession(
      address,
      database === undefined ? login : { ...login, database },
      this.#controller.signal,
    );
  }

  /** The agent's loop at its own pace until all is well. @throws with what is wrong after the limit. */
  async heal(limitMs = 90_000): Promise<Healed> {
    const started = performance.now();
    const actions: string[] = [];
    let problem = "";
    while (performance.now() - started < limitMs) {
      const now = await this.assess();
      const serving = now.readers.length === nodeNames.length - 1;
      if (now.actions.length === 0 && now.problems.length === 0 && serving) {
        return { seconds: Math.round(performance.now() - started) / 1000, actions };
      }
      problem = now.problems.map((p) => p.text.en).join("; ");
      const acted = await this.step(now.actions, actions);
      await sleep(acted ? 250 : 1_000);
    }
    throw new Error(`not whole after ${limitMs} ms: ${problem}; done: ${actions.slice(-8).join(", ")}`);
  }

  /** One round of it. @returns whether anything was done. */
  async step(decided: readonly Action[], actions: string[] = []): Promise<boolean> {
    let acted = false;
    const failed = new Set<string>();
    for (const action of decided) {
      if (failed.has(action.target)) continue;
      try {
        await this.act(action);
        actions.push(`${action.kind} ${action.target}`);
        acted = true;
      } catch (error) {
        failed.add(action.target);
        actions.push(`(${action.kind} ${action.target}: ${messageOf(error)})`);
      }
    }
    return acted;
  }

  /** The container and its data are gone; it comes back with an empty volume. */
  async emptyOut(instance: InstanceName): Promise<void> {
    await this.compose("rm", "--stop", "--force", instance);
    await this.docker("volume", "rm", `${projectName(this.plan.mall)}_${instance}-data`);
    await this.compose("up", "--detach", "--no-recreate", instance);
  }

  async close(): Promise<void> {
    this.#controller.abort();
    await this.compose("down", "--volumes", "--timeout", "2").catch(() => {});
    const listed = await this.docker(
      "volume",
      "ls",
      "-q",
      "--filter",
      `name=${projectName(this.plan.mall)}_`,
    );
    const names = listed.split("\n").filter((volume) => volume !== "");
    if (names.length > 0) await this.docker("volume", "rm", ...names);
    await rm(this.home, { recursive: true, force: true });
  }
}

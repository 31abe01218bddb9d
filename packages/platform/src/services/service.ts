/**
 * The contract every service fulfils. Pure where it says so; everything that touches the world goes through
 * the three ports of {@link Ctx}. `verify`, `backup`, `drill`, targets and agent know only this.
 */

import type { ZodType } from "zod";
import type { InstanceName, MallPlan, Port, Route, SecretId, ServicePlan } from "../plan/model.ts";
import type { Finding } from "../rules/finding.ts";
import type { Mall } from "../spec/mall.ts";
import type { ProfileName, Site } from "../spec/site.ts";
import type { Text } from "../text.ts";

/** What a service offers others, and they bind to. */
export interface Binding {
  readonly service: string;
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
}

export type Bindings = Readonly<Record<string, Binding>>;

export type PortName = "net" | "inside" | "engine";

export interface Address {
  readonly host: string;
  readonly port: number;
  /** Name to verify the certificate against; not always the host that is dialled. */
  readonly serverName: string;
}

/** The servers' own protocols, spoken over the network. */
export interface Net {
  /** Where an instance's port is reached from here: its own address in the mall, a loopback port outside. */
  address(instance: InstanceName, port: string): Address;
  /** Where a route is reached from here. */
  route(route: Route): Address;
  /** IP addresses that an instance's name resolves to now. @throws when it resolves to none. */
  resolve(instance: InstanceName): Promise<readonly string[]>;
}

export interface ExecResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Commands run in a server's container. */
export interface Inside {
  exec(
    instance: InstanceName,
    command: readonly string[],
    options: { readonly timeoutMs: number },
  ): Promise<ExecResult>;
}

export interface ContainerState {
  readonly instance: InstanceName;
  readonly status: "absent" | "created" | "running" | "paused" | "restarting" | "exited";
  readonly health: "healthy" | "unhealthy" | "starting" | "none";
  readonly image: string;
  readonly startedAt: string;
  readonly oomKilled: boolean;
  readonly restarts: number;
}

/** Power over the containers themselves. */
export interface EnginePort {
  state(instance: InstanceName): Promise<ContainerState>;
  start(instance: InstanceName): Promise<void>;
  stop(instance: InstanceName): Promise<void>;
  kill(instance: InstanceName): Promise<void>;
  restart(instance: InstanceName): Promise<void>;
  /** Stops, removes and makes the container again; volumes stay. */
  recreate(instance: InstanceName): Promise<void>;
  pause(instance: InstanceName): Promise<void>;
  unpause(instance: InstanceName): Promise<void>;
  /** Takes it off the mall's network, and back. */
  cut(instance: InstanceName): Promise<void>;
  join(instance: InstanceName): Promise<void>;
}

/** Secrets as files, read again at each call: rotation replaces them under us. */
export interface SecretReader {
  /** A generated or external secret's current value. @throws SECRET_ABSENT. */
  value(id: string): Promise<string>;
  /** The value before the last rotation, still accepted until the rotation is finished. */
  previous(id: string): Promise<string | undefined>;
  /** Our own client identity and the CAs we trust, PEM. */
  identity(): Promise<{ readonly ca: string; readonly cert: string; readonly key: string }>;
  /** SHA-256 fingerprint (hex, lower case) of the certificate an instance should serve now. */
  fingerprint(instance: InstanceName): Promise<string | undefined>;
}

/** Which instance plays which role, by the owning service's latest observation. */
export interface RoleBoard {
  /** `undefined` when unknown or older than the observation may be. */
  holders(role: string): readonly InstanceName[] | undefined;
  /**
   * Since when, ms since the epoch, its owner's observations could not read an instance; undefined when it was read.
   * That it holds no role then says nothing about it.
   */
  unseenSince(instance: InstanceName): number | undefined;
}

export interface LogEntry {
  readonly level: "info" | "warn" | "error";
  readonly message: string;
  readonly [field: string]: unknown;
}

export interface Ctx<Spec = unknown> {
  readonly site: Site;
  readonly spec: Spec;
  readonly plan: MallPlan;
  /** This service's part of the plan. */
  readonly own: ServicePlan;
  readonly net: Net;
  readonly inside?: Inside;
  readonly engine?: EnginePort;
  readonly secrets: SecretReader;
  readonly roles: RoleBoard;
  readonly signal: AbortSignal;
  /**
   * By how much a server's time to answer is stretched (patience.ts). 1 in the loop, where a fault is to be noticed
   * within seconds; more for checks, whose verdict must not depend on how busy the machine is.
   */
  readonly patience: number;
  /** Milliseconds since the epoch. */
  now(): number;
  log(entry: LogEntry): void;
}

/** What an action is, for the log, the events page and the metrics. */
export interface ActionBase {
  readonly kind: string;
  /** The instance it acts on, or the service as a whole. */
  readonly target: InstanceName | "service";
  readonly why: string;
}

export type CheckKind = "read" | "scratch" | "disruptive";

export interface Evidence {
  /** Where it was read: an instance, a file, a query. */
  readonly from: string;
  readonly read: string;
}

export type CheckResult =
  | { readonly verdict: "pass" | "fail"; readonly detail: Text; readonly evidence: readonly Evidence[] }
  | {
      readonly verdict: "deviates" | "accepted";
      /** Why it is done another way, or by which word of the spec the risk is taken. */
      readonly detail: Text;
      readonly evidence: readonly Evidence[];
    };

export interface Check<Spec = unknown> {
  /** Stable: `mysql.replicas-running`. */
  readonly id: string;
  /** Ids of docs/requirements.md that it shows. */
  readonly requirements: readonly string[];
  readonly title: Text;
  readonly kind: CheckKind;
  readonly needs: readonly PortName[];
  /** The program outside of the platform that carries it out and records its result; `run` is not called then. */
  readonly recordedBy?: string;
  /**
   * About how long it waits, on an idle machine, for what takes its own time: a segment, an auction's end. Absent: it
   * works from its beginning to its end. No limit; it only says what is begun first, and beside what.
   */
  readonly waitsMs?: number;
  run(ctx: Ctx<Spec>): Promise<CheckResult>;
}

/** How a server met a client that went on in plaintext. */
export interface PlaintextAnswer {
  readonly refused: boolean;
  /** The server's own words or what it did, such as `ERROR 3159` or `closed`. */
  readonly read: string;
}

/** What a drill may do to the service, and the bound within which it must be whole again. */
export interface Fault<Spec = unknown> {
  readonly id: string;
  readonly title: Text;
  readonly needs: readonly PortName[];
  readonly recoverWithinMs: number;
  inject(ctx: Ctx<Spec>): Promise<{ readonly target: InstanceName; heal(): Promise<void> }>;
}

/** An instance whose files, image or limits differ between the running plan and the new one. */
export interface InstanceChange {
  readonly instance: InstanceName;
  /** What the change needs: a new container, a restart, a reload, or nothing but the agent. */
  readonly apply: "recreate" | "restart" | "reload" | "live";
  readonly what: readonly string[];
}

/** One step of a rolling change; the next begins when `until` holds. */
export interface Step {
  readonly instance: InstanceName;
  readonly action: "recreate" | "restart" | "reload";
  readonly why: string;
  /**
   * An action of the service itself that must succeed first, such as handing a role over. The agent runs it
   * through `act`, which re-checks it; when the agent is not there, the step goes on without and says so.
   */
  readonly prepare?: ActionBase;
  /** `healthy`: the container's own probe. `converged`: the service's `decide` is empty again. */
  readonly until: "healthy" | "converged";
}

/** Settings a client needs, by `mall connect`, which adds the files of the password and of the CAs. */
export interface ConnectInfo {
  /** `mysql-primary`; also the prefix of the variables of `--env`. */
  readonly title: string;
  readonly settings: Readonly<
    Record<string, string | number | readonly string[] | Readonly<Record<string, string>>>
  >;
  /** The application's own account, never the agent's; where each password has a user of its own, by the password. */
  readonly user: string | ((password: string) => string);
  readonly password: SecretId;
  /** A command in a container that opens the usual client as an operator; it holds no secret itself. */
  readonly shell: { readonly instance: InstanceName; readonly command: readonly string[] };
}

export interface Service<Spec = unknown, State = unknown, Action extends ActionBase = ActionBase> {
  readonly name: string;
  readonly title: Text;
  /** Schema of `services.<name>`; its defaults are the plan's figures. */
  readonly spec: ZodType<Spec>;
  /** What a profile sets where the user says nothing, merged under the user's own values. */
  readonly profiles: Readonly<Record<ProfileName, Readonly<Record<string, unknown>>>>;
  /** Every mall has it, also one narrowed to a few services: the agent, the endpoints. */
  readonly infrastructure?: true;
  /** Its servers take over from each other by themselves: while all is well, the agent looks at it less often. */
  readonly failsOverItself?: true;
  /** Services whose absence makes this one meaningless. */
  readonly needs: readonly string[];
  /**
   * What it asks of others while it is in the mall, as their part of mall.yaml would say it: an account, a bucket.
   * Merged under the user's own words, by service; an entry of a map stands beside those that it has by default.
   */
  readonly asks?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /**
   * Settings that the server once had and a user may still look for: name, with `*` for any run of letters, → why it
   * is refused and what to use instead.
   */
  readonly removed?: Readonly<Record<string, Text>>;
  /** Images it runs, folders under `images/`. */
  readonly images: readonly string[];
  /** Every id that `rules` may give, for `accept:` and docs/rules.md. */
  readonly ruleIds: readonly string[];
  /** Pure. Findings about this spec at this site. */
  rules(spec: Spec, site: Site): readonly Finding[];
  /**
   * Pure: same spec, same bytes. `others` are the plans of the services before it in the registry. `mall` is for
   * the one service that carries the whole of it into its container, to plan there again.
   */
  plan(spec: Spec, site: Site, others: readonly ServicePlan[], mall: Mall): ServicePlan;
  /** Reads the real servers. What cannot be read is said in the state, not thrown. */
  observe(ctx: Ctx<Spec>): Promise<State>;
  /** Pure. Empty when all is well. */
  decide(spec: Spec, state: State): readonly Action[];
  /** One idempotent step; it re-reads what it relies on before it writes, and throws when that no longer holds. */
  act(ctx: Ctx<Spec>, action: Action): Promise<void>;
  /** Pure. Roles that instances hold by this observation: routes and labels follow it. */
  roles?(spec: Spec, state: State): Readonly<Record<string, readonly InstanceName[]>>;
  /** Pure. Instances that this observation could not read: about them its roles know nothing. */
  unseen?(spec: Spec, state: State): readonly InstanceName[];
  /** Pure. One line a person reads in `mall status`. */
  summary(spec: Spec, state: State): { readonly ok: boolean; readonly text: Text };
  readonly checks: readonly Check<Spec>[];
  /**
   * Speaks a `starttls` port's protocol as a client that never asks for TLS. The port scan of GE-4 calls it for each
   * such port, and counts a port whose service has no probe as failed.
   */
  plaintextProbe?(ctx: Ctx<Spec>, address: Address, port: Port): Promise<PlaintextAnswer>;
  readonly faults?: readonly Fault<Spec>[];
  /** Pure. Order and waits of a rolling change. */
  rollout(spec: Spec, state: State | undefined, changes: readonly InstanceChange[]): readonly Step[];
  /**
   * Pure. What clients need; `net` is seen from where the client is. `state` is the agent's latest observation,
   * undefined when it does not answer: what depends on it (a cluster's announced addresses) is then left out.
   */
  connect?(own: ServicePlan, net: Net, state: State | undefined): readonly ConnectInfo[];
}

/** A service as the registry holds it, its own types closed over. */
export type AnyService = Service<unknown, unknown, ActionBase>;

/** Closes a service's own types: whatever reads a spec or a state gets it from the same service. */
export function defineService<Spec, State, Action extends ActionBase>(
  service: Service<Spec, State, Action>,
): AnyService {
  return service as unknown as AnyService;
}

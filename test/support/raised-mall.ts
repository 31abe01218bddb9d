/** What stands before the containers of a test's own mall: its plan, images, secrets' place and folder. */
import { randomBytes } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "../../packages/platform/src/engine/engine.ts";
import { ensureEngine } from "../../packages/platform/src/engine/find.ts";
import type { MallPlan, ServicePlan } from "../../packages/platform/src/plan/model.ts";
import type { AnyService } from "../../packages/platform/src/services/service.ts";
import type { Mall } from "../../packages/platform/src/spec/mall.ts";
import type { Site } from "../../packages/platform/src/spec/site.ts";
import { readyImages } from "./ready-images.ts";

export interface ServiceMallOptions {
  readonly portBase: number;
  /** The user's own values, over the profile's. */
  readonly spec?: object;
  /** Services that it needs, in the registry's order, each with the user's own values. They are healed with it. */
  readonly needs?: readonly { readonly service: AnyService; readonly spec?: object }[];
}

/** The command line's own client certificate. */
export const operator = {
  kind: "certificate",
  id: "operator",
  commonName: "operator",
  dnsNames: [],
  ipAddresses: [],
  usage: ["client"],
  rotate: "watch",
} as const;

export interface Raised {
  readonly engine: Engine;
  readonly mall: Mall;
  readonly services: readonly AnyService[];
  readonly plan: MallPlan;
  readonly home: string;
  readonly images: Readonly<Record<string, string>>;
}

/** Plan, images, secrets and folder of the mall; no container yet. */
export async function raise(
  service: AnyService,
  { portBase, spec = {}, needs = [] }: ServiceMallOptions,
): Promise<Raised> {
  const engine = await ensureEngine();
  const site: Site = {
    name: `${service.name}-${randomBytes(3).toString("hex")}`,
    profile: "small",
    bind: "127.0.0.1",
    portBase,
    accept: [],
    images: {},
    mirrors: {},
  };
  const members = [...needs, { service, spec }];
  const mall: Mall = {
    site,
    services: Object.fromEntries(
      members.map((one) => [
        one.service.name,
        one.service.spec.parse({ ...one.service.profiles.small, ...one.spec }),
      ]),
    ),
  };
  const plans: ServicePlan[] = [];
  for (const { service: one } of members)
    plans.push(one.plan(mall.services[one.name], site, [...plans], mall));
  const plan: MallPlan = {
    mall: site.name,
    services: plans.map((one, i) => (i === 0 ? { ...one, clients: [operator] } : one)),
  };
  const ready = await readyImages(
    engine,
    members.flatMap((one) => one.service.images),
  );
  return {
    engine,
    mall,
    services: members.map((one) => one.service),
    plan,
    home: await mkdtemp(join(tmpdir(), `mall-${service.name}-`)),
    images: Object.fromEntries([...ready].map(([name, image]) => [name, image.tag])),
  };
}

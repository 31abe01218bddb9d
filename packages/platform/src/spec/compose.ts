/** The schema of a whole mall.yaml: the site's part and one strict object per service. */
import { z } from "zod";
import type { Text } from "../text.ts";
import { described } from "./described.ts";
import { hint } from "./hint.ts";
import type { ProfileName } from "./site.ts";
import { siteSchema } from "./site.ts";

/** What of a service the schema is made from; every service of the registry is one. */
export interface ServiceSchema {
  readonly name: string;
  readonly title: Text;
  readonly spec: z.ZodType;
  readonly profiles: Readonly<Record<ProfileName, Readonly<Record<string, unknown>>>>;
  /** Other services whose absence makes it meaningless. */
  readonly needs: readonly string[];
  /**
   * What it asks of others while it is in the mall, as their part of mall.yaml would say it: an account, a bucket.
   * Merged under the user's own words, by service; an entry of a map stands beside those that it has by default.
   */
  readonly asks?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Every mall has it. */
  readonly infrastructure?: true;
  /**
   * Settings that a server once had and a user may still look for: name (with `*` for any run of letters) → why it is
   * refused and what to do instead.
   */
  readonly removed?: Readonly<Record<string, Text>>;
}

export interface MallSchema {
  readonly schema: z.ZodObject;
  readonly services: readonly ServiceSchema[];
}

/** The others are made, healed and reached by it: a mall without it would only look like one. */
const always = described(
  z
    .literal(true, {
      error: hint(
        "expected true: every mall has this service, the others are made, healed and reached by it; remove this line",
        "应为 true：每个商城都有此服务，其他服务由它创建、修复并提供访问；请删除该行",
      ),
    })
    .default(true),
  "Every mall has it: true, or left out",
  "每个商城都有此服务：填 true 或不设置",
);

const enabled = described(
  z.boolean().default(true),
  "Leave it out of the mall with false; its data stays",
  "设为 false 则商城不含此服务；其数据保留",
);

const switchOf = (service: ServiceSchema): z.ZodType => (service.infrastructure === true ? always : enabled);

/** @throws TypeError where a service's schema is not an object: our own mistake. */
export function composeSchema(services: readonly ServiceSchema[]): MallSchema {
  const own = services.map((service) => {
    if (!(service.spec instanceof z.ZodObject))
      throw new TypeError(`the spec of ${service.name} is no object`);
    const made: z.ZodType = described(
      service.spec.safeExtend({ enabled: switchOf(service) }).prefault({}),
      service.title.en,
      service.title.zh,
    );
    return [service.name, made] as const;
  });
  const schema = siteSchema.safeExtend({
    services: described(
      z.strictObject(Object.fromEntries(own)).prefault({}),
      "The services of the mall; one that is not mentioned runs with its defaults",
      "商城的各项服务；未写出的服务按默认值运行",
    ),
  });
  return { schema, services };
}

/** The schema of a whole mall.yaml: the site's part and one strict object per service. */
import { z } from "zod";
import type { Text } from "../text.ts";
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
const always = z
  .literal(true, {
    error: hint(
      "expected true: every mall has this service, the others are made, healed and reached by it; remove this line",
      "应为 true：每个商城都有此服务，其他服务由它创建、修复并提供访问；请删除该行",
    ),
  })
  .default(true)
  .describe("Every mall has it: true, or left out");

const enabled = z.boolean().default(true).describe("Leave it out of the mall with false; its data stays");

/** @throws TypeError where a service's schema is not an object: our own mistake. */
export function composeSchema(services: readonly ServiceSchema[]): MallSchema {
  const own = services.map((service) => {
    if (!(service.spec instanceof z.ZodObject))
      throw new TypeError(`the spec of ${service.name} is no object`);
    const made: z.ZodType = service.spec
      .safeExtend({ enabled: service.infrastructure === true ? always : enabled })
      .prefault({})
      .describe(service.title.en);
    return [service.name, made] as const;
  });
  const schema = siteSchema.safeExtend({
    services: z
      .strictObject(Object.fromEntries(own))
      .prefault({})
      .describe("The services of the mall; one that is not mentioned runs with its defaults"),
  });
  return { schema, services };
}

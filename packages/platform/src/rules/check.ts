/** Every rule over one mall. */
import type { Mall } from "../spec/mall.ts";
import type { Finding } from "./finding.ts";
import { type Judged, judge } from "./judged.ts";
import { type HostMemory, memoryRules } from "./memory.ts";
import { acceptRules, type RuledService, ruleIds, siteRules } from "./site.ts";

/**
 * Pure. What is found, the gravest first, with what the spec's `accept:` makes of it.
 * @param host given where the mall is about to run: whether it fits there
 */
export function checkRules(
  mall: Mall,
  services: readonly RuledService[],
  host?: HostMemory,
): readonly Judged[] {
  const found: readonly Finding[] = [
    ...siteRules.flatMap((rule) => rule(mall, services)),
    ...services
      .filter((s) => mall.services[s.name] !== undefined)
      .flatMap((s) => s.rules(mall.services[s.name], mall.site)),
    ...(host === undefined ? [] : memoryRules(host)),
  ];
  const { accept } = mall.site;
  return judge([...found, ...acceptRules(accept, found, ruleIds(services))], accept);
}

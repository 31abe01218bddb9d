/** Checks of the mall as a whole: what must hold for every instance, whichever service it belongs to. */
import type { AnyService, Check, Ctx } from "../../services/service.ts";
import { text } from "../../text.ts";
import { containersHealthy } from "./containers-healthy.ts";
import { onlyPlannedPorts } from "./only-planned-ports.ts";
import { portsRefusePlaintext } from "./ports-refuse-plaintext.ts";
import { recorded } from "./recorded.ts";

/** MY-6: its figures come from the sample application. */
export const cacheCheckId = "mall.read-through-cache";

/** Name under which they are reported. */
export const genericName = "mall";
export const genericTitle = text("All services", "所有服务");

/** A service with its context: a generic check that needs a service's word about its own protocol asks here. */
export interface ServiceInContext {
  readonly service: AnyService;
  readonly ctx: Ctx;
}

export const genericChecks: readonly ((services: readonly ServiceInContext[]) => Check)[] = [
  (services) => portsRefusePlaintext(services),
  () => onlyPlannedPorts,
  () => containersHealthy,
  () =>
    recorded({
      id: cacheCheckId,
      requirements: ["MY-6"],
      title: text(
        "A read-through cache in Redis stands for the query cache: hit rate and latency with and without it",
        "以 Redis 读穿缓存代替查询缓存：命中率及有无缓存时的延迟",
      ),
      measuredBy: "`mall storefront bench`",
    }),
];

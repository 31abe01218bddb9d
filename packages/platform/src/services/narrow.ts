/** A part of a mall: the named services, what they need, and what every mall has. */

import { nearest } from "../nearest.ts";
import { specError } from "../spec/errors.ts";
import type { Mall } from "../spec/mall.ts";
import { servicesOf } from "./plan-mall.ts";
import { services } from "./registry.ts";
import type { AnyService } from "./service.ts";

/**
 * @param names services to keep; none: the whole mall
 * @throws SERVICE_UNKNOWN with a suggestion
 */
export function narrowTo(
  mall: Mall,
  names: readonly string[],
  registry: readonly AnyService[] = services,
): Mall {
  if (names.length === 0) return mall;
  const present = servicesOf(mall, registry);
  const known = present.map((service) => service.name);
  const kept = new Set(present.filter((service) => service.infrastructure === true).map((s) => s.name));
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const service = present.find((one) => one.name === name);
    if (service === undefined)
      throw specError.SERVICE_UNKNOWN({ service: name, known, suggestion: nearest(name, known) });
    if (kept.has(name)) continue;
    kept.add(name);
    waiting.push(...service.needs);
  }
  return {
    site: mall.site,
    services: Object.fromEntries(Object.entries(mall.services).filter(([name]) => kept.has(name))),
  };
}

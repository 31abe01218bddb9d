/** A loaded mall.yaml: the site and each enabled service's own parsed part. */
import type { Site } from "./site.ts";

export interface Mall {
  readonly site: Site;
  /** By service name; a service that is left out is absent. */
  readonly services: Readonly<Record<string, unknown>>;
}

/** The `services:` of a mall.yaml that runs only what a test is about. */
import { services } from "../../packages/platform/src/services/registry.ts";

/** What `more` says under `services:` comes after it, indented by two. */
export const servicesOnly = (keep: readonly string[], more = ""): string =>
  `services:\n${services
    .filter((service) => !keep.includes(service.name) && service.infrastructure !== true)
    .map((service) => `  ${service.name}:\n    enabled: false\n`)
    .join("")}${more}`;

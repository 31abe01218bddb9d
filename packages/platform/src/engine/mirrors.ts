/** Where packages of each kind come from: by mall.yaml, else by the environment, else the client's own default. */
import type { Site } from "../spec/site.ts";

export type Mirrors = Site["mirrors"];

/** The Debian mirror to use: the given one (mirrors.apt of mall.yaml), MALL_APT_MIRROR, or none. */
export const aptMirror = (given: string | undefined): string | undefined => mirror("apt", given);

const mirror = (kind: keyof Mirrors, given: string | undefined): string | undefined =>
  given ?? (process.env[`MALL_${kind.toUpperCase()}_MIRROR`] || undefined);

/** What a Dockerfile is told: APT_MIRROR, NPM_MIRROR, MAVEN_MIRROR, GO_MIRROR; undefined where nothing is said. */
export const mirrorArguments = (mirrors: Mirrors): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    (["apt", "npm", "maven", "go"] as const).map((kind) => [
      `${kind.toUpperCase()}_MIRROR`,
      mirror(kind, mirrors[kind]),
    ]),
  );

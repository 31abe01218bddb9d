/**
 * The part of mall.yaml that belongs to no service: name, size, address, risks taken, sources.
 * `services.<name>` is added by the registry, which alone knows the services.
 */
import { z } from "zod";
import { hint } from "./hint.ts";

export const profileNames = ["small", "standard", "production"] as const;
export type ProfileName = (typeof profileNames)[number];

const mirrors = z
  .strictObject({
    apt: z.url().optional().describe("Debian mirror, e.g. https://mirror.example/debian"),
    npm: z.url().optional().describe("npm registry"),
    maven: z.url().optional().describe("Maven Central mirror"),
    go: z.url().optional().describe("Go module proxy"),
  })
  .prefault({})
  .describe("Package sources to use instead of the public ones");

export const siteSchema = z.strictObject({
  name: z
    .string()
    .regex(
      /^[a-z][a-z0-9-]{0,19}$/,
      hint(
        "1 to 20 of a-z, 0-9 and -, beginning with a letter",
        "以字母开头、由 1 到 20 个 a-z、0-9 和 - 组成的名称",
      ),
    )
    .default("mall")
    .describe("Name of this mall: prefix of its containers, volumes and networks"),
  profile: z
    .enum(profileNames)
    .optional()
    .describe("Sizes where nothing else is said. Left out: small below 8 cores or 32 GiB, else standard"),
  bind: z
    .union([z.ipv4(), z.ipv6()], {
      error: hint("an IPv4 or IPv6 address such as 127.0.0.1", "IPv4 或 IPv6 地址，例如 127.0.0.1"),
    })
    .default("127.0.0.1")
    .describe(
      "Address on which clients' ports are published. Anything but loopback opens them to that network",
    ),
  portBase: z
    .number()
    .int()
    .min(1024)
    .max(64000)
    .default(13000)
    .describe(
      "First of the 1,000 host ports this mall may use; a second mall on the machine takes another base",
    ),
  accept: z.array(z.string()).default([]).describe("Ids of findings whose risk is taken knowingly"),
  images: z
    .record(z.string(), z.string().min(1))
    .default({})
    .describe("Image references that replace built ones, by image name"),
  mirrors,
});

export type SiteInput = z.input<typeof siteSchema>;

/** What a service may know of its surroundings. */
export interface Site {
  readonly name: string;
  readonly profile: ProfileName;
  readonly bind: string;
  readonly portBase: number;
  readonly accept: readonly string[];
  readonly images: Readonly<Record<string, string>>;
  readonly mirrors: Readonly<Partial<Record<"apt" | "npm" | "maven" | "go", string | undefined>>>;
}

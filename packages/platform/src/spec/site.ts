/**
 * The part of mall.yaml that belongs to no service: name, size, address, risks taken, sources.
 * `services.<name>` is added by the registry, which alone knows the services.
 */
import { z } from "zod";
import { described } from "./described.ts";
import { hint } from "./hint.ts";

export const profileNames = ["small", "standard", "production"] as const;
export type ProfileName = (typeof profileNames)[number];

const mirrors = described(
  z
    .strictObject({
      apt: described(
        z.url().optional(),
        "Debian mirror, e.g. https://mirror.example/debian",
        "Debian 镜像源，例如 https://mirror.example/debian",
      ),
      npm: described(z.url().optional(), "npm registry", "npm 软件源"),
      maven: described(z.url().optional(), "Maven Central mirror", "Maven Central 镜像源"),
      go: described(z.url().optional(), "Go module proxy", "Go 模块代理"),
    })
    .prefault({}),
  "Package sources to use instead of the public ones",
  "用来代替公共软件源的镜像",
);

export const siteSchema = z.strictObject({
  name: described(
    z
      .string()
      .regex(
        /^[a-z][a-z0-9-]{0,19}$/,
        hint(
          "1 to 20 of a-z, 0-9 and -, beginning with a letter",
          "以字母开头、由 1 到 20 个 a-z、0-9 和 - 组成的名称",
        ),
      )
      .default("mall"),
    "Name of this mall: prefix of its containers, volumes and networks",
    "本商城的名称，即其容器、数据卷和网络的名称前缀",
  ),
  profile: described(
    z.enum(profileNames).optional(),
    "Sizes where nothing else is said. Left out: small below 8 cores or 32 GiB, else standard",
    "未单独设置的各项大小所依据的规格。不设置时：不足 8 核或 32 GiB 内存为 small，否则为 standard",
  ),
  bind: described(
    z
      .union([z.ipv4(), z.ipv6()], {
        error: hint("an IPv4 or IPv6 address such as 127.0.0.1", "IPv4 或 IPv6 地址，例如 127.0.0.1"),
      })
      .default("127.0.0.1"),
    "Address on which clients' ports are published. Anything but loopback opens them to that network",
    "客户端端口发布到的地址。若不是回环地址，端口将对所在网络开放",
  ),
  portBase: described(
    z.number().int().min(1024).max(64000).default(13000),
    "First of the 1,000 host ports this mall may use; a second mall on the machine takes another base",
    "本商城可用的 1,000 个主机端口的起始端口；同一台机器上的第二个商城须另选",
  ),
  accept: described(
    z.array(z.string()).default([]),
    "Ids of findings whose risk is taken knowingly",
    "明知有风险而予以接受的规则 ID",
  ),
  images: described(
    z.record(z.string(), z.string().min(1)).default({}),
    "Image references that replace built ones, by image name",
    "用来代替自建镜像的镜像引用，以镜像名称为键",
  ),
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

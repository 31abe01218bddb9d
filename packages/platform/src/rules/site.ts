/** Rules about a mall as a whole; a service's own stand in its folder. */
import { nearest } from "../nearest.ts";
import type { Mall } from "../spec/mall.ts";
import type { Site } from "../spec/site.ts";
import { type Text, text } from "../text.ts";
import type { Finding } from "./finding.ts";

/** What the rules know of a service; every service of the registry is one. */
export interface RuledService {
  readonly name: string;
  readonly title: Text;
  readonly needs: readonly string[];
  readonly images: readonly string[];
  /** Ids that its rules may give. */
  readonly ruleIds: readonly string[];
  rules(spec: unknown, site: Site): readonly Finding[];
}

type Rule = (mall: Mall, all: readonly RuledService[]) => readonly Finding[];

const present = (mall: Mall, name: string): boolean => mall.services[name] !== undefined;

/** 127.0.0.0/8 (RFC 1122, 3.2.1.3) and ::1 (RFC 4291, 2.5.3), also written as ::ffff:127.… */
const isLoopback = (address: string): boolean =>
  /^(::ffff:)?127\./i.test(address) || /^(0*:)*0*:?0*1$/.test(address);

const isEvery = (address: string): boolean => address === "0.0.0.0" || /^[0:]+$/.test(address);

const exposed: Rule = ({ site, services }, all) => {
  if (isLoopback(site.bind)) return [];
  const titles = all.filter((s) => services[s.name] !== undefined).map((s) => s.title);
  const where = isEvery(site.bind)
    ? text("every network of this machine", "本机的所有网络")
    : text(`the network of ${site.bind}`, `${site.bind} 所在的网络`);
  return [
    {
      id: "SITE-EXPOSED",
      severity: "warning",
      path: "bind",
      reason: text(
        `${where.en} reaches the published ports of ${titles.map((t) => t.en).join(", ")}: whoever has or guesses a password is in. Docker publishes past the host's firewall rules`,
        `${where.zh}可访问 ${titles.map((t) => t.zh).join("、")} 发布的端口：持有或猜中密码者即可进入。Docker 发布的端口会绕过主机防火墙规则`,
      ),
      fix: text(
        "use bind: 127.0.0.1, or an address of a private network, and accept SITE-EXPOSED",
        "改用 bind: 127.0.0.1，或使用专用网络的地址并在 accept 中写入 SITE-EXPOSED",
      ),
      source: "https://docs.docker.com/engine/network/packet-filtering-firewalls/",
      acceptable: true,
    },
  ];
};

const needs: Rule = (mall, all) =>
  all
    .filter((s) => present(mall, s.name))
    .flatMap((service) =>
      service.needs
        .filter((needed) => !present(mall, needed))
        .map((needed) => {
          const title = all.find((s) => s.name === needed)?.title ?? text(needed, needed);
          return {
            id: "SITE-NEEDS",
            severity: "error",
            path: `services.${needed}.enabled`,
            reason: text(
              `${service.title.en} does not work without ${title.en}, which is left out`,
              `${service.title.zh} 离不开 ${title.zh}，而后者未启用`,
            ),
            fix: text(
              `leave out services.${service.name} as well, or enable services.${needed}`,
              `请同时停用 services.${service.name}，或启用 services.${needed}`,
            ),
            source: "docs/design/0001-contracts.md",
            acceptable: false,
          } as const;
        }),
    );

const empty: Rule = (mall, all) =>
  all.length === 0 || Object.keys(mall.services).length > 0
    ? []
    : [
        {
          id: "SITE-EMPTY",
          severity: "error",
          path: "services",
          reason: text(
            "every service is left out: there is nothing to run",
            "所有服务都未启用：没有可运行的内容",
          ),
          fix: text("enable at least one", "请至少启用一个"),
          source: "docs/rules.md",
          acceptable: false,
        },
      ];

/** A tag that names a version; `latest`, no tag and no digest name whatever there is that day. */
const pinned = (reference: string): boolean => {
  if (reference.includes("@sha256:")) return true;
  const tag = /:([^:/]+)$/.exec(reference)?.[1];
  return tag !== undefined && tag !== "latest";
};

const images: Rule = ({ site }, all) => {
  const known = [...new Set(all.flatMap((s) => s.images))];
  return Object.entries(site.images).flatMap(([name, reference]): readonly Finding[] => {
    const path = `images.${name}`;
    if (!known.includes(name)) {
      const suggestion = nearest(name, known);
      return [
        {
          id: "IMG-UNKNOWN",
          severity: "error",
          path,
          reason: text(`no service runs an image named '${name}'`, `没有服务使用名为“${name}”的镜像`),
          fix:
            suggestion === undefined
              ? text(`use one of ${known.join(", ")}`, `请使用 ${known.join("、")} 之一`)
              : text(`did you mean '${suggestion}'?`, `您是否想写“${suggestion}”？`),
          source: "docs/rules.md",
          acceptable: false,
        },
      ];
    }
    const untested: Finding = {
      id: "IMG-UNTESTED",
      severity: "warning",
      path,
      reason: text(
        `${reference} replaces the image that mallstack is tested with; nobody has run this mall on it yet`,
        `${reference} 替换了 mallstack 经过测试的镜像；尚无人在其上运行过本商城`,
      ),
      fix: text(
        "run './mall verify' on it, then accept IMG-UNTESTED",
        "请在其上运行“./mall verify”，然后在 accept 中写入 IMG-UNTESTED",
      ),
      source: "docs/rules.md",
      acceptable: true,
    };
    return pinned(reference)
      ? [untested]
      : [
          untested,
          {
            id: "IMG-FLOATING",
            severity: "warning",
            path,
            reason: text(
              `${reference} names no version: two machines, or two days, may run different servers`,
              `${reference} 未指明版本：不同机器或不同日期可能运行不同的服务器`,
            ),
            fix: text("name a version's tag or a digest (@sha256:…)", "请写明版本标签或摘要（@sha256:…）"),
            source: "https://docs.docker.com/dhi/core-concepts/digests/",
            acceptable: true,
          },
        ];
  });
};

/** apt checks signatures whatever the mirror; the others' clients check sums that came over the same connection. */
const mirrors: Rule = ({ site }) =>
  Object.entries(site.mirrors)
    .filter(([kind, url]) => kind !== "apt" && url !== undefined && !url.startsWith("https://"))
    .map(([kind, url]) => ({
      id: "SITE-MIRROR-PLAIN",
      severity: "warning",
      path: `mirrors.${kind}`,
      reason: text(
        `${url} is not encrypted: whoever is on the way can replace what is built into the images`,
        `${url} 未加密：途中的任何人都能替换构建进镜像的内容`,
      ),
      fix: text("use the mirror's https:// address", "请使用该镜像站的 https:// 地址"),
      source: "https://wiki.debian.org/SecureApt",
      acceptable: true,
    }));

const siteRuleIds = [
  "SITE-EXPOSED",
  "SITE-NEEDS",
  "SITE-EMPTY",
  "IMG-UNKNOWN",
  "IMG-UNTESTED",
  "IMG-FLOATING",
  "SITE-MIRROR-PLAIN",
  "SITE-ACCEPT-UNKNOWN",
  "SITE-ACCEPT-VAIN",
  "MEM-FIT",
  "MEM-TIGHT",
] as const;

/** Every id that a finding of these services can have. */
export const ruleIds = (all: readonly RuledService[]): readonly string[] => [
  ...siteRuleIds,
  ...all.flatMap((s) => s.ruleIds),
];

/** `accept:` itself: an id that there is none of, and one whose risk cannot be taken. */
export function acceptRules(
  accept: readonly string[],
  found: readonly Finding[],
  known: readonly string[],
): readonly Finding[] {
  return accept.flatMap((id, i): readonly Finding[] => {
    const path = `accept[${i}]`;
    if (!known.includes(id)) {
      const suggestion = nearest(id, known);
      return [
        {
          id: "SITE-ACCEPT-UNKNOWN",
          severity: "warning",
          path,
          reason: text(
            `there is no finding '${id}': nothing is accepted by it`,
            `没有“${id}”这一项：它不起任何作用`,
          ),
          fix:
            suggestion === undefined
              ? text("docs/rules.md lists all of them", "docs/rules.md 列出了全部")
              : text(`did you mean ${suggestion}?`, `您是否想写 ${suggestion}？`),
          source: "docs/rules.md",
          acceptable: false,
        },
      ];
    }
    const vain = found.find((f) => f.id === id && !f.acceptable);
    return vain === undefined
      ? []
      : [
          {
            id: "SITE-ACCEPT-VAIN",
            severity: "warning",
            path,
            reason: text(
              `${id} cannot be accepted: at ${vain.path} it would not work all the same`,
              `${id} 无法被接受：${vain.path} 处即使接受也无法工作`,
            ),
            fix: text("mend it there, and take it out of accept", "请在该处修正，并将其从 accept 中移除"),
            source: "docs/rules.md",
            acceptable: false,
          },
        ];
  });
}

export const siteRules: readonly Rule[] = [exposed, needs, empty, images, mirrors];

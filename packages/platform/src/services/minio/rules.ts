/** What is wrong or risky in a MinIO spec before anything runs. */
import type { Finding } from "../../rules/finding.ts";
import type { Site } from "../../spec/site.ts";
import { formatBytes } from "../../spec/units.ts";
import { text } from "../../text.ts";
import { nodeIds, parity } from "./names.ts";
import { baseBytes, bytesPerRequest, sizesOf } from "./sizing.ts";
import { accountsOf, type MinioSpec } from "./spec.ts";

/** Below this a page with pictures already waits for itself. */
const leastRequests = 8;

export function minioRules(spec: MinioSpec, site: Site): readonly Finding[] {
  return [...version(site), ...memory(spec), ...buckets(spec), ...accounts(spec)];
}

function version(site: Site): readonly Finding[] {
  if (site.images.minio !== undefined) return [];
  return [
    {
      id: "MI-EOL",
      severity: "info",
      path: "images.minio",
      reason: text(
        "MinIO's community edition was archived in 2026 and its public images are gone; the built image is its last version, made from source. It gets no further fixes.",
        "MinIO 社区版已于 2026 年归档，公开镜像已下架；内置镜像由其最后版本的源码构建，不再获得修复。",
      ),
      fix: text(
        "Everything but users, quotas and healing is plain S3 here: plan for another S3 server, or name a maintained image in images.minio.",
        "除用户、配额与修复外，这里只使用标准 S3：请规划迁移到其他 S3 服务，或在 images.minio 中指定有维护的镜像。",
      ),
      source: "https://github.com/minio/minio",
      acceptable: true,
    },
  ];
}

function memory(spec: MinioSpec): readonly Finding[] {
  const least = baseBytes + leastRequests * bytesPerRequest;
  const { worstCaseBytes, requestsMax } = sizesOf(spec);
  if (spec.memory < least)
    return [
      {
        id: "MI-MEMORY",
        severity: "error",
        path: "services.minio.memory",
        reason: text(
          `A node of ${formatBytes(spec.memory)} has no room for ${leastRequests} requests at once beside the server.`,
          `${formatBytes(spec.memory)} 的节点除服务器本身外，容不下 ${leastRequests} 个并发请求。`,
        ),
        fix: text(
          `Give it ${formatBytes(Math.ceil(least / 2 ** 20) * 2 ** 20)} or more.`,
          `请分配 ${formatBytes(Math.ceil(least / 2 ** 20) * 2 ** 20)} 或更多。`,
        ),
        source: "MI-6",
        acceptable: false,
      },
    ];
  if (worstCaseBytes <= spec.memory) return [];
  return [
    {
      id: "MI-REQUESTS",
      severity: "warning",
      path: "services.minio.requestsMax",
      reason: text(
        `${requestsMax} requests at once may need ${formatBytes(worstCaseBytes)} of each node's ${formatBytes(spec.memory)}: it may be killed then.`,
        `${requestsMax} 个并发请求可能使每个节点需要 ${formatBytes(worstCaseBytes)}，超过 ${formatBytes(spec.memory)}，节点可能被杀死。`,
      ),
      fix: text(
        "Leave requestsMax out, or give the nodes more memory.",
        "请去掉 requestsMax，或增加节点内存。",
      ),
      source: "MI-6",
      acceptable: true,
    },
  ];
}

function buckets(spec: MinioSpec): readonly Finding[] {
  const usable = spec.storage * (nodeIds.length - parity);
  const entries = Object.entries(spec.buckets);
  const promised = entries.reduce((sum, [, { quota }]) => sum + (quota ?? 0), 0);
  const open = entries.filter(([, { quota }]) => quota === undefined).map(([name]) => name);
  return [
    ...(promised > usable
      ? [
          {
            id: "MI-QUOTAS",
            severity: "warning" as const,
            path: "services.minio.storage",
            reason: text(
              `Quotas promise ${formatBytes(promised)}, and with parity ${parity} the nodes hold ${formatBytes(usable)}.`,
              `配额合计 ${formatBytes(promised)}，而在校验为 ${parity} 时各节点共可容纳 ${formatBytes(usable)}。`,
            ),
            fix: text("Lower the quotas or raise storage.", "请调低配额或增加 storage。"),
            source: "MI-5",
            acceptable: true,
          },
        ]
      : []),
    ...open.map((name) => ({
      id: "MI-NO-QUOTA",
      severity: "info" as const,
      path: `services.minio.buckets.${name}`,
      reason: text(
        `Without a quota ${name} may fill the drives, and then nobody can write.`,
        `没有配额的 ${name} 可能占满磁盘，届时任何写入都会失败。`,
      ),
      fix: text("Set a quota.", "请设置 quota。"),
      source: "MI-5",
      acceptable: true,
    })),
  ];
}

function accounts(spec: MinioSpec): readonly Finding[] {
  return accountsOf(spec).flatMap(({ name, writes, reads }) =>
    [...writes, ...reads]
      .filter((bucket) => !(bucket in spec.buckets))
      .map((bucket) => ({
        id: "MI-ACCOUNT-BUCKET",
        severity: "error" as const,
        path: `services.minio.accounts.${name}`,
        reason: text(
          `The account ${name} is given bucket ${bucket}, which is not declared, and it may create none.`,
          `账号 ${name} 被授予存储桶 ${bucket}，但该存储桶未声明，且该账号不能创建存储桶。`,
        ),
        fix: text(
          `Declare ${bucket} under services.minio.buckets.`,
          `请在 services.minio.buckets 中声明 ${bucket}。`,
        ),
        source: "MI-3",
        acceptable: false,
      })),
  );
}

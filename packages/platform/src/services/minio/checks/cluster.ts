/** MI-1, MI-2, MI-6: the erasure set, its links, and what each node has of its machine. */
import { messageOf } from "../../../errors.ts";
import type { InstanceName } from "../../../plan/model.ts";
import { text } from "../../../text.ts";
import { runInside } from "../../inside.ts";
import type { Ctx } from "../../service.ts";
import { servedCertificate } from "../../tls-probe.ts";
import { serverVersions } from "../admin.ts";
import { withAddress } from "../client.ts";
import { dataFolder, nodeIds, nodeNames, parity, ports, routeNames } from "../names.ts";
import { sizesOf } from "../sizing.ts";
import type { MinioSpec } from "../spec.ts";
import { atEndpoint, deviates, failed, type MinioCheck, onCluster, passed, steps } from "./evidence.ts";

export const erasureSet: MinioCheck = {
  id: "minio.erasure-set",
  requirements: ["MI-1"],
  title: text(
    "Four nodes of one version are one erasure set with parity 2",
    "四个同版本节点组成一个校验为 2 的纠删码集合",
  ),
  kind: "read",
  needs: ["net"],
  run: (ctx) =>
    onCluster(ctx, async ({ servers, sets, drivesPerSet, parity: has }) => {
      const there = servers.every((s) => s.online && s.drive === "ok" && !s.healing);
      const versions = there ? await atEndpoint(ctx, serverVersions) : [];
      const evidence = [
        ...servers.map((s) => ({
          from: s.instance,
          read: `${s.online ? "online" : "offline"}, drive ${s.drive}${s.healing ? ", healing" : ""}`,
        })),
        ...versions.map(({ endpoint, version }) => ({ from: endpoint, read: version })),
        { from: "minio", read: `${sets} set of ${drivesPerSet} drives, parity ${has}` },
      ];
      const right =
        there &&
        versions.length === nodeIds.length &&
        new Set(versions.map((one) => one.version)).size === 1 &&
        sets === 1 &&
        drivesPerSet === nodeIds.length &&
        has === parity;
      return right
        ? passed(text("4 of 4 online", "4 个节点全部在线"), evidence)
        : failed(text("not all there, or another set", "节点不全，或集合不符"), evidence);
    }),
};

export const encrypted: MinioCheck = {
  id: "minio.tls",
  requirements: ["MI-2"],
  title: text(
    "Nodes, the S3 endpoint and the console answer over TLS with the mall's certificates, and name each other by https",
    "各节点、S3 入口与控制台均以商城证书通过 TLS 应答，节点之间使用 https",
  ),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const { right, evidence } = await steps(async (step) => {
      for (const instance of nodeNames) {
        for (const port of Object.values(ports)) {
          const { served, wanted } = await servedCertificate(ctx, instance, port.name);
          const is = "fingerprint" in served ? served.fingerprint : served.error;
          step(`${instance}:${port.number}`, `certificate ${is.slice(0, 80)}`, is === wanted);
        }
      }
      for (const route of ctx.own.routes) {
        const path = route.name === routeNames.s3 ? "/minio/health/live" : "/";
        const { status } = await withAddress(ctx, route.name, ctx.net.route(route), (node) =>
          node.send({ method: "GET", path }),
        );
        step(route.name, `GET ${path}: ${status}`, status === 200);
      }
      const volumes = ctx.own.workloads
        .flatMap((w) => w.instances)
        .flatMap((i) => i.files)
        .flatMap((f) => ("settings" in f ? f.settings : []))
        .filter((s) => s.key === "MINIO_VOLUMES")
        .map((s) => s.value);
      step(
        "minio.env",
        [...new Set(volumes)].join(" "),
        volumes.length > 0 && volumes.every((v) => v.startsWith("https://")),
      );
    });
    return right
      ? passed(text("8 ports and 2 endpoints", "8 个端口与 2 个入口"), evidence)
      : failed(text("not on all of them", "并非全部如此"), evidence);
  },
};

/** Pure. The device of the mount that holds a path, `8:1`, by /proc/self/mountinfo (proc(5)). */
export function deviceOf(mountinfo: string, path: string): string | undefined {
  return mountinfo
    .split("\n")
    .map((line) => line.split(" "))
    .filter(
      ([, , , , point]) =>
        point !== undefined && (path === point || path.startsWith(`${point === "/" ? "" : point}/`)),
    )
    .sort(([, , , , a = ""], [, , , , b = ""]) => b.length - a.length)
    .map(([, , device]) => device)[0];
}

export const limits: MinioCheck = {
  id: "minio.requests-and-disk",
  requirements: ["MI-6"],
  title: text(
    "The number of requests at once is limited by the memory; what the disk is",
    "并发请求数按内存设限；并说明磁盘类型",
  ),
  kind: "read",
  needs: ["inside"],
  async run(ctx: Ctx<MinioSpec>) {
    const wanted = `${sizesOf(ctx.spec).requestsMax}`;
    const disks = new Set<string>();
    const { right, evidence } = await steps(async (step) => {
      const read = await Promise.all(nodeNames.map((instance) => readHost(ctx, instance)));
      for (const { instance, is, device, disk } of read) {
        disks.add(disk);
        step(
          instance,
          `requests at once ${is ?? "not set"} of ${wanted} wanted; disk ${device ?? "unknown"}: ${disk}`,
          is === wanted,
        );
      }
    });
    const kinds = [...disks].join(", ");
    const said = text(`${wanted} over all nodes; disk: ${kinds}`, `全部节点共 ${wanted}；磁盘：${kinds}`);
    if (!right) return failed(text("not limited as planned", "未按规划设限"), evidence);
    return kinds === ssd ? passed(said, evidence) : deviates(said, evidence);
  },
};

async function readHost(ctx: Ctx, instance: InstanceName) {
  const environment = await runInside(ctx, instance, ["cat", "/proc/1/environ"]);
  const is = /(?:^|\0)MINIO_API_REQUESTS_MAX=([0-9]+)/.exec(environment)?.[1];
  const device = deviceOf(await runInside(ctx, instance, ["cat", "/proc/self/mountinfo"]), dataFolder);
  const disk = await rotational(ctx, instance, device).catch(messageOf);
  return { instance, is, device, disk };
}

const ssd = "SSD";

/** A partition has no queue of its own: its disk's stands one folder above. */
async function rotational(ctx: Ctx, instance: InstanceName, device: string | undefined): Promise<string> {
  const at = `/sys/dev/block/${device}`;
  const read = await runInside(ctx, instance, [
    "sh",
    "-c",
    `cat ${at}/queue/rotational 2>/dev/null || cat ${at}/../queue/rotational`,
  ]);
  return read.trim() === "0" ? ssd : "said to be rotational; the plan asks for an SSD";
}

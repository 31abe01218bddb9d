/** MI-4, MI-5: versions that come back, and quotas. */
import { randomBytes } from "node:crypto";
import { text } from "../../../text.ts";
import { setQuota } from "../admin.ts";
import { type Answer, ask, codeOf, type Login, type Node } from "../client.ts";
import { wantedLifecycle } from "../lifecycle.ts";
import { createBucket, deleteObject, getObject, putObject, versionsBelow } from "../s3.ts";
import {
  application,
  atEndpoint,
  failed,
  type MinioCheck,
  onCluster,
  ownName,
  passed,
  steps,
} from "./evidence.ts";

export const versions: MinioCheck = {
  id: "minio.versions-come-back",
  requirements: ["MI-4"],
  title: text(
    "Every bucket is versioned, and an object that the application deleted comes back as it was",
    "所有存储桶均启用版本控制，应用删除的对象可原样恢复",
  ),
  kind: "scratch",
  needs: ["net"],
  run: (ctx) =>
    onCluster(ctx, async ({ buckets }) => {
      const { right, evidence } = await steps(async (step) => {
        for (const { name, versioning, lifecycle } of buckets) {
          const wanted = ctx.spec.buckets[name];
          step(
            name,
            `versioning ${versioning ?? "no such bucket"}; lifecycle ${lifecycle}`,
            versioning === "Enabled" && wanted !== undefined && lifecycle === wantedLifecycle(wanted),
          );
        }
        const { key: app, bucket } = await application(ctx);
        await atEndpoint(ctx, async (node, root) => {
          const key = ownName();
          const content = randomBytes(64 * 1024);
          try {
            await putObject(node, app, bucket, key, content);
            await deleteObject(node, app, bucket, key);
            const gone = await getObject(node, app, bucket, key);
            step(`${bucket}/${key}`, `deleted: ${gone.status}`, gone.status === 404);
            const marker = `${gone.headers["x-amz-version-id"] ?? ""}`;
            await deleteObject(node, root, bucket, key, marker);
            const back = await getObject(node, app, bucket, key);
            step(
              `${bucket}/${key}`,
              `without its delete marker: ${back.status}, ${back.body.length} bytes`,
              back.status === 200 && back.body.equals(content),
            );
          } finally {
            for (const one of await versionsBelow(node, root, bucket, key))
              await deleteObject(node, root, bucket, one.key, one.versionId);
          }
        });
      });
      return right
        ? passed(
            text(
              `${buckets.length} buckets; a deleted object came back`,
              `${buckets.length} 个存储桶；已删除的对象已恢复`,
            ),
            evidence,
          )
        : failed(text("not versioned, or not brought back", "未启用版本控制，或未能恢复"), evidence);
    }),
};

export const quotas: MinioCheck = {
  id: "minio.quotas",
  requirements: ["MI-5"],
  title: text(
    "Quotas are set as declared, and an object that is larger than its bucket's is refused",
    "配额与声明一致，超过存储桶配额的对象被拒绝",
  ),
  kind: "scratch",
  needs: ["net"],
  run: (ctx) =>
    onCluster(ctx, async ({ buckets }) => {
      const { right, evidence } = await steps(async (step) => {
        for (const { name, quotaBytes } of buckets)
          step(name, `quota ${quotaBytes ?? "none"}`, quotaBytes === ctx.spec.buckets[name]?.quota);
        await atEndpoint(ctx, (node, root) =>
          withQuota(node, root, 256 * 1024, async (bucket) => {
            const within = await put(node, root, bucket, 64 * 1024);
            step(bucket, `64 KiB into 256 KiB: ${within.status}`, within.status === 200);
            const over = await put(node, root, bucket, 512 * 1024);
            step(bucket, `512 KiB into 256 KiB: ${over.status} ${codeOf(over)}`, isOverQuota(over));
          }),
        );
      });
      return right
        ? passed(
            text(
              "as declared; what many objects fill together MinIO sees at its next scan",
              "与声明一致；由多个对象累计超出的部分，MinIO 会在下一次扫描时发现",
            ),
            evidence,
          )
        : failed(text("not set, or not refused", "未设置，或未被拒绝"), evidence);
    }),
};

export const isOverQuota = (answer: Answer): boolean => answer.status === 400 && /Quota/.test(codeOf(answer));

const put = (node: Node, login: Login, bucket: string, bytes: number): Promise<Answer> =>
  node.send({ method: "PUT", path: `/${bucket}/${bytes}`, body: randomBytes(bytes) }, login);

/** A bucket of the check's own, deleted with all that is in it. */
async function withQuota(
  node: Node,
  root: Login,
  bytes: number,
  work: (bucket: string) => Promise<void>,
): Promise<void> {
  const bucket = ownName();
  await createBucket(node, root, bucket);
  try {
    await setQuota(node, root, bucket, bytes);
    await work(bucket);
  } finally {
    // MinIO's own header: the bucket goes with its objects.
    await ask(
      node,
      { method: "DELETE", path: `/${bucket}`, headers: { "x-minio-force-delete": "true" } },
      root,
      [404],
    );
  }
}

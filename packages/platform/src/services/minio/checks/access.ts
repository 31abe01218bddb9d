/** MI-3: keys that are as planned, and what each may not do. */
import { text } from "../../../text.ts";
import type { Ctx } from "../../service.ts";
import { codeOf, type Login, type Node, type Request } from "../client.ts";
import { wantedKeys } from "../observe.ts";
import { getObject } from "../s3.ts";
import { type Account, accountsOf, type MinioSpec } from "../spec.ts";
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

type StepOf = Parameters<Parameters<typeof steps>[0]>[0];

export const keys: MinioCheck = {
  id: "minio.keys",
  requirements: ["MI-3"],
  title: text(
    "No key, a wrong secret and another bucket are refused; no application's key administers anything",
    "无密钥、错误的私钥与他人的存储桶均被拒绝；应用密钥没有任何管理权限",
  ),
  kind: "scratch",
  needs: ["net"],
  run: (ctx) =>
    onCluster(ctx, async ({ accounts }) => {
      const { right, evidence } = await steps((step) =>
        atEndpoint(ctx, async (node) => {
          for (const one of accounts.flatMap((account) => account.keys))
            step(one.accessKey, `log-in: ${one.read}`, one.is === "accepted");
          const { key, bucket } = await application(ctx);
          const list: Request = { method: "GET", path: `/${bucket}` };
          await refused(step, "without a key", "AccessDenied", node.send(list));
          const wrong = { ...key, secretKey: `${key.secretKey}x` };
          await refused(step, "with a wrong secret", "SignatureDoesNotMatch", node.send(list, wrong));
          for (const account of accountsOf(ctx.spec)) await keepsToItsOwn(ctx, step, node, account);
        }),
      );
      return right
        ? passed(text("each as it should be", "均符合预期"), evidence)
        : failed(text("not refused, or not allowed", "未被拒绝，或未被允许"), evidence);
    }),
};

async function refused(
  step: StepOf,
  what: string,
  code: string,
  ask: ReturnType<Node["send"]>,
): Promise<void> {
  const answer = await ask;
  step(what, `${answer.status} ${codeOf(answer)}`, answer.status === 403 && codeOf(answer) === code);
}

/** It lists its buckets, puts nothing into those that it only reads, sees no other, and administers nothing. */
async function keepsToItsOwn(
  ctx: Ctx<MinioSpec>,
  step: StepOf,
  node: Node,
  { name, writes, reads }: Account,
): Promise<void> {
  const [login] = await wantedKeys(ctx, name);
  if (login === undefined) throw new Error(`${name} has no secret`);
  const denied = (what: string, ask: ReturnType<Node["send"]>): Promise<void> =>
    refused(step, `${name} ${what}`, "AccessDenied", ask);
  const list = (bucket: string, as: Login) => node.send({ method: "GET", path: `/${bucket}` }, as);
  const own = [...writes, ...reads];
  for (const bucket of own) {
    const { status } = await list(bucket, login);
    step(`${name} lists ${bucket}`, `${status}`, status === 200);
  }
  for (const bucket of reads)
    await denied(`writes to ${bucket}`, node.send({ method: "PUT", path: `/${bucket}/${ownName()}` }, login));
  for (const bucket of Object.keys(ctx.spec.buckets).filter((one) => !own.includes(one)))
    await denied(`lists ${bucket}`, list(bucket, login));
  await denied("makes a bucket", node.send({ method: "PUT", path: `/${ownName()}` }, login));
  await denied("administers", node.send({ method: "GET", path: "/minio/admin/v3/info" }, login));
  await denied("reads MinIO's own bucket", getObject(node, login, "minio-internal", "x"));
}

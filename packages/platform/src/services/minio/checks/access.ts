/** MI-3: keys that are as planned, and what each may not do. */
import { text } from "../../../text.ts";
import { codeOf, type Request } from "../client.ts";
import { wantedKeys } from "../observe.ts";
import { getObject } from "../s3.ts";
import { atEndpoint, failed, type MinioCheck, onCluster, ownName, passed, steps } from "./evidence.ts";

export const keys: MinioCheck = {
  id: "minio.keys",
  requirements: ["MI-3"],
  title: text(
    "No key, a wrong secret and another bucket are refused; the application's key administers nothing",
    "无密钥、错误的私钥与他人的存储桶均被拒绝；应用密钥没有任何管理权限",
  ),
  kind: "scratch",
  needs: ["net"],
  run: (ctx) =>
    onCluster(ctx, async ({ keys: present }) => {
      const [app] = await wantedKeys(ctx);
      const [bucket = ""] = Object.keys(ctx.spec.buckets);
      const { right, evidence } = await steps((step) =>
        atEndpoint(ctx, async (node) => {
          if (app === undefined) throw new Error("there is no application's secret");
          for (const key of present) step(key.accessKey, `log-in: ${key.read}`, key.is === "accepted");
          const list: Request = { method: "GET", path: `/${bucket}` };
          const refused = async (what: string, code: string, ask: ReturnType<typeof node.send>) => {
            const answer = await ask;
            step(
              what,
              `${answer.status} ${codeOf(answer)}`,
              answer.status === 403 && codeOf(answer) === code,
            );
          };
          await refused("without a key", "AccessDenied", node.send(list));
          const wrong = { ...app, secretKey: `${app.secretKey}x` };
          await refused("with a wrong secret", "SignatureDoesNotMatch", node.send(list, wrong));
          const other: Request = { method: "PUT", path: `/${ownName()}` };
          await refused("the application makes a bucket", "AccessDenied", node.send(other, app));
          const admin: Request = { method: "GET", path: "/minio/admin/v3/info" };
          await refused("the application administers", "AccessDenied", node.send(admin, app));
          await refused(
            "the application reads MinIO's own bucket",
            "AccessDenied",
            getObject(node, app, "minio-internal", "x"),
          );
          const own = await node.send(list, app);
          step("the application lists its bucket", `${own.status}`, own.status === 200);
        }),
      );
      return right
        ? passed(text("each as it should be", "均符合预期"), evidence)
        : failed(text("not refused, or not allowed", "未被拒绝，或未被允许"), evidence);
    }),
};

/** MI-1: writes go on with one node away, reads with two. Disruptive: it stops nodes. */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../../errors.ts";
import { text } from "../../../text.ts";
import type { Ctx } from "../../service.ts";
import { type Answer, codeOf } from "../client.ts";
import { nodeIds, nodeNames } from "../names.ts";
import { onlineDrives, rootOf } from "../observe.ts";
import { getObject } from "../s3.ts";
import type { MinioSpec } from "../spec.ts";
import { application, atEndpoint, failed, type MinioCheck, ownName, passed, steps } from "./evidence.ts";

/** Until the nodes that are left call another one gone, and until it is back among them. */
const settleMs = 60_000;
const pollMs = 500;
/** The first request after a node has gone waits some ten seconds for it, on a busy machine longer. */
const timeoutMs = 60_000;

export const nodesLost: MinioCheck = {
  id: "minio.nodes-lost",
  requirements: ["MI-1"],
  title: text(
    "With one node away writes go on; with two reads go on and writes are refused; back, all is there",
    "失去一个节点时写入继续；失去两个时读取继续、写入被明确拒绝；恢复后数据完整",
  ),
  kind: "disruptive",
  needs: ["net", "engine"],
  async run(ctx) {
    const { engine } = ctx;
    if (engine === undefined) throw new Error("the engine cannot be asked from here");
    const { key: app, bucket } = await application(ctx);
    const lost = nodeNames.slice(-2);
    const prefix = ownName();
    const content = randomBytes(256 * 1024);
    const key = (name: string) => `${prefix}/${name}`;
    const put = (name: string): Promise<Answer> =>
      atEndpoint(
        ctx,
        (node) => node.send({ method: "PUT", path: `/${bucket}/${key(name)}`, body: content }, app),
        timeoutMs,
      );
    const get = (name: string) =>
      atEndpoint(ctx, (node) => getObject(node, app, bucket, key(name)), timeoutMs);
    const { right, evidence } = await steps(async (step) => {
      try {
        await online(ctx, nodeIds.length);
        step("four nodes", `PUT ${(await put("four")).status}`, true);
        await engine.stop(lost[0] ?? "");
        await online(ctx, 3);
        const three = await put("three");
        step(`${lost[0]} stopped`, `PUT ${three.status}`, three.status === 200);
        await engine.stop(lost[1] ?? "");
        await online(ctx, 2);
        const read = await get("four");
        step(
          `${lost.join(", ")} stopped`,
          `GET ${read.status}`,
          read.status === 200 && read.body.equals(content),
        );
        const two = await put("two");
        step(`${lost.join(", ")} stopped`, `PUT ${two.status} ${codeOf(two)}`, two.status === 503);
      } finally {
        for (const instance of lost) await engine.start(instance);
      }
      await online(ctx, nodeIds.length);
      for (const name of ["four", "three"]) {
        const back = await get(name);
        step(
          "four nodes again",
          `GET ${key(name)}: ${back.status}`,
          back.status === 200 && back.body.equals(content),
        );
      }
      await atEndpoint(ctx, async (node) => {
        for (const name of ["four", "three"])
          await node.send({ method: "DELETE", path: `/${bucket}/${key(name)}` }, app);
      });
    });
    return right
      ? passed(text("as the quorums say", "符合法定数量"), evidence)
      : failed(text("not as the quorums say", "与法定数量不符"), evidence);
  },
};

/**
 * Asked at the endpoint alone: the host reaches no node by itself.
 * @throws when that many nodes are not seen within the time
 */
async function online(ctx: Ctx<MinioSpec>, wanted: number): Promise<void> {
  let read = "";
  for (const started = ctx.now(); ; await sleep(pollMs, undefined, { signal: ctx.signal })) {
    try {
      const seen = await atEndpoint(ctx, async (node) => onlineDrives((await rootOf(ctx, node)).storage));
      if (seen === wanted) return;
      read = `${seen} drives online`;
    } catch (error) {
      read = messageOf(error);
    }
    if (ctx.now() - started > settleMs)
      throw new Error(`${read} after ${settleMs} ms, not ${wanted} drives online`);
  }
}

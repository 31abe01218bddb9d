/** ES-2: whichever node is stopped, the others go on. */
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../../errors.ts";
import type { InstanceName } from "../../../plan/model.ts";
import { text } from "../../../text.ts";
import type { Ctx, Evidence } from "../../service.ts";
import { askFor } from "../client.ts";
import { instancesOf } from "../observe.ts";
import type { ElasticsearchSpec } from "../spec.ts";
import { anyNode, type ElasticsearchCheck, failed, passed, scratchName, withIndex } from "./evidence.ts";

/** A new master is there within seconds; a node that stops in order says so itself. */
const goesOnWithinMs = 20_000;
const backWithinMs = 90_000;
const documents = 20;

export const oneNodeStopped: ElasticsearchCheck = {
  id: "elasticsearch.one-node-stopped",
  requirements: ["ES-2"],
  title: text(
    "With any one node stopped the cluster serves reads and writes, and loses nothing",
    "停止任何一个节点，集群仍可读写且不丢失数据",
  ),
  kind: "disruptive",
  needs: ["net", "engine"],
  async run(ctx) {
    const evidence: Evidence[] = [];
    let right = true;
    for (const instance of instancesOf(ctx)) {
      const { ok, read } = await without(ctx, instance).catch((error: unknown) => ({
        ok: false,
        read: messageOf(error),
      }));
      right &&= ok;
      evidence.push({ from: `without ${instance}`, read });
      // What the next one's absence would show is not about that one any more.
      if (!ok) break;
    }
    return right && evidence.length > 0
      ? passed(text("each of them in turn", "逐一停止均如此"), evidence)
      : failed(text("reads or writes stopped, or were lost", "读写中断或丢失"), evidence);
  },
};

async function without(
  ctx: Ctx<ElasticsearchSpec>,
  instance: InstanceName,
): Promise<{ readonly ok: boolean; readonly read: string }> {
  const { engine } = ctx;
  if (engine === undefined) throw new Error("the engine cannot be asked from here");
  const other = instancesOf(ctx).find((one) => one !== instance);
  if (other === undefined) return { ok: false, read: "there is no other node" };
  const index = scratchName();
  const settings = { settings: { index: { number_of_shards: 1, number_of_replicas: 1 } } };
  return withIndex(ctx, other, index, settings, async () => {
    await askFor(ctx, other, {
      path: `/_cluster/health/${index}?wait_for_status=green&timeout=20s`,
      timeoutMs: 25_000,
    });
    await write(ctx, other, index, 0);
    await engine.stop(instance);
    try {
      const stopped = Date.now();
      await untilTrue(goesOnWithinMs, async () => {
        await write(ctx, other, index, documents);
        return true;
      });
      const gapMs = Date.now() - stopped;
      await askFor(ctx, other, { method: "POST", path: `/${index}/_refresh`, timeoutMs: 10_000 });
      const { count } = await askFor<{ readonly count: number }>(ctx, other, { path: `/${index}/_count` });
      return {
        ok: count === 2 * documents,
        read: `${count} of ${2 * documents} documents; writes went on ${gapMs} ms after it was stopped`,
      };
    } finally {
      await engine.start(instance);
      await untilTrue(backWithinMs, async () => {
        const health = await askFor<{ readonly status: string; readonly number_of_nodes: number }>(
          ctx,
          await anyNode(ctx),
          { path: "/_cluster/health" },
        );
        return health.status === "green" && health.number_of_nodes === instancesOf(ctx).length;
      });
    }
  });
}

/** Writes what was not there before; each document must be acknowledged. */
async function write(
  ctx: Ctx<ElasticsearchSpec>,
  from: InstanceName,
  index: string,
  first: number,
): Promise<void> {
  for (let i = first; i < first + documents; i++)
    await askFor(ctx, from, {
      method: "PUT",
      path: `/${index}/_doc/${i}?timeout=5s`,
      body: { number: i },
      timeoutMs: 8_000,
    });
}

/** @throws what the last try threw. */
async function untilTrue(withinMs: number, work: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + withinMs;
  for (;;) {
    const outcome = await work().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    if ("value" in outcome && outcome.value) return;
    if (Date.now() > end) throw "error" in outcome ? outcome.error : new Error(`not so after ${withinMs} ms`);
    await sleep(200);
  }
}

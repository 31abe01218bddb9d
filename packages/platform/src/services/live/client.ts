/** Questions to one instance. */
import type { InstanceName } from "../../plan/model.ts";
import { type Answer, type Asker, askAt } from "../https-client.ts";

/** @throws with the cause when nothing answers within the time, or another server than the one that is meant */
export const ask = (ctx: Asker, instance: InstanceName, port: string, path: string): Promise<Answer> =>
  askAt(ctx, instance, ctx.net.address(instance, port), { path });

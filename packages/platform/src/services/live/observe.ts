/** Asks every instance at once, each within its own limit; what does not answer is said in the state. */
import { z } from "zod";
import { messageOf } from "../../errors.ts";
import type { InstanceName } from "../../plan/model.ts";
import { type Answer, askAnew } from "../https-client.ts";
import type { Ctx } from "../service.ts";
import { type Kind, kinds, namesOf, ports } from "./names.ts";
import type { LiveSpec } from "./spec.ts";
import type { InstanceState, LiveState } from "./state.ts";

const question = {
  ingest: { port: ports.status.name, path: "/v1/state" },
  edge: { port: ports.status.name, path: "/v1/viewers" },
  app: { port: ports.https.name, path: "/ready" },
  livekit: { port: ports.signal.name, path: "/" },
} as const;

const ingestState = z.object({ streams: z.array(z.object({ stream: z.string() })) });
const edgeState = z.object({ streams: z.record(z.string(), z.number()) });

export async function observeLive(ctx: Ctx<LiveSpec>): Promise<LiveState> {
  const instances = await Promise.all(
    kinds
      .filter((kind) => kind !== "livekit" || ctx.spec.auctions.enabled)
      .flatMap((kind) => namesOf(kind).map((instance) => look(ctx, kind, instance))),
  );
  return { instances };
}

async function look(ctx: Ctx, kind: Kind, instance: InstanceName): Promise<InstanceState> {
  const { port, path } = question[kind];
  try {
    const answer = await askAnew(ctx, instance, ctx.net.address(instance, port), { path });
    const certificate = {
      served: { fingerprint: answer.fingerprint },
      wanted: await ctx.secrets.fingerprint(instance),
    };
    return { instance, kind, up: true, certificate, ...read(kind, answer) };
  } catch (error) {
    return { instance, kind, up: false, error: messageOf(error) };
  }
}

function read(
  kind: Kind,
  answer: Answer,
): { readonly problem: string | undefined; readonly streams: readonly string[]; readonly viewers: number } {
  const nothing = { problem: undefined, streams: [], viewers: 0 };
  if (answer.status !== 200) return { ...nothing, problem: `${answer.status} ${answer.text.slice(0, 200)}` };
  const document: unknown = kind === "ingest" || kind === "edge" ? JSON.parse(answer.text) : undefined;
  switch (kind) {
    case "app":
    case "livekit":
      return nothing;
    case "ingest":
      return { ...nothing, streams: ingestState.parse(document).streams.map(({ stream }) => stream) };
    case "edge":
      return {
        ...nothing,
        viewers: Object.values(edgeState.parse(document).streams).reduce((a, b) => a + b, 0),
      };
  }
}

/** Who watches, as the edges count it (docs/design/0012-live-edge.md). */
import { z } from "zod";
import { clientsTo } from "./clients.ts";
import type { Config } from "./config.ts";
import type { Watching } from "./presence.ts";
import type { Secrets } from "./secrets.ts";

export interface Edges {
  /**
   * Sessions by stream: what those edges say that answer, and what the others said within the last 20 seconds. A
   * session that moves from one edge to another is one.
   * @throws when none of them has answered for that long
   */
  watching(): Promise<Watching>;
  close(): Promise<void>;
}

const answer = z.object({ sessions: z.record(z.string(), z.array(z.string())) });
/** As long as a session counts at its edge after its last request. */
const rememberedMs = 20_000;
const timeoutMs = 2_000;

interface Said {
  readonly at: number;
  readonly sessions: Readonly<Record<string, readonly string[]>>;
}

export function edgesAt(servers: Config["edges"], secrets: Secrets, now: () => number): Edges {
  const clients = clientsTo(servers, secrets, true);
  const said = new Map<(typeof servers)[number], Said>();

  const ask = async (server: (typeof servers)[number]): Promise<void> => {
    const { statusCode, body } = await clients.of(server).request({
      method: "GET",
      path: "/v1/viewers?sessions=1",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const json: unknown = await body.json();
    if (statusCode !== 200) throw new Error(`${server.host} answered ${statusCode}`);
    said.set(server, { at: now(), sessions: answer.parse(json).sessions });
  };
  return {
    watching: async () => {
      const failures = (await Promise.allSettled(servers.map(ask))).filter(
        (one) => one.status === "rejected",
      );
      const fresh = [...said.values()].filter(({ at }) => now() - at < rememberedMs);
      if (fresh.length === 0) throw failures[0]?.reason ?? new Error("there are no edges");
      return unionOf(fresh.map(({ sessions }) => sessions));
    },
    close: clients.close,
  };
}

/** Pure. */
export function unionOf(all: readonly Said["sessions"][]): Watching {
  const union = new Map<string, Set<string>>();
  for (const [stream, sessions] of all.flatMap((one) => Object.entries(one))) {
    const of = union.get(stream) ?? new Set();
    for (const session of sessions) of.add(session);
    union.set(stream, of);
  }
  return union;
}

/** Replays: which there are, for everyone; their addresses, for who may play the room; their end, by its streamers. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { isStreamName } from "../../signature/index.ts";
import { mayNot, type Who } from "../access.ts";
import { replayDetail, replayList } from "../answers.ts";
import type { ReplayDetail, ReplayInfo, ReplayList } from "../api.ts";
import type { Context } from "../context.ts";
import { LiveError } from "../errors.ts";
import { isBroadcast, parse, replayParams, replaysQuery, roomParams } from "../input.ts";
import { described } from "../openapi.ts";
import { searched } from "../search-routes.ts";
import { type ReplayRow, type ReplaysOf, replaysPage } from "./store.ts";

export function replayRoutes(app: FastifyInstance, context: Context): void {
  const { addresses, config, demand, log, pins, readiness, replays, rooms, search, who } = context;

  app.addHook("onRequest", async (request) => {
    who(request);
    readiness.demandSchema();
    if (config.minio === undefined) throw new LiveError("REPLAYS_OFF");
  });

  const shown = (row: ReplayRow, asking: Who): ReplayInfo => ({
    ...row,
    startedAt: row.startedAt.toISOString(),
    readyAt: row.readyAt.toISOString(),
    poster:
      row.poster && mayNot(asking, "play", row) === undefined
        ? addresses.poster(row.room, row.broadcast)
        : null,
  });
  const list = async (request: FastifyRequest, room?: string): Promise<ReplayList> => {
    const { before, q } = parse(replaysQuery, request.query);
    const found = await replays.list(room === undefined ? await meantBy(q) : { rooms: [room] }, before);
    const asking = who(request);
    return {
      replays: found.map((row) => shown(row, asking)),
      next: found.length < replaysPage ? null : (found.at(-1)?.broadcast ?? null),
    };
  };
  /** What search finds; undefined: all. */
  const meantBy = async (text: string | undefined): Promise<ReplaysOf | undefined> =>
    text === undefined ? undefined : searched(search, (index) => index.searchReplays(text));
  const replayOf = (request: FastifyRequest): Promise<ReplayRow> => {
    const { broadcast } = parse(replayParams, request.params);
    if (!isBroadcast(broadcast)) throw new LiveError("NO_SUCH_REPLAY");
    return replays.get(broadcast);
  };

  const lists = { query: replaysQuery, answer: replayList };
  app.get("/replays", described({ summary: "Replays of all rooms", ...lists }), (request) => list(request));

  const ofRoom = described({ summary: "Replays of a room", ...lists });
  app.get("/rooms/:name/replays", ofRoom, async (request) => {
    const { name } = parse(roomParams, request.params);
    if (!isStreamName(name)) throw new LiveError("NO_SUCH_ROOM");
    await rooms.get(name);
    return list(request, name);
  });

  const one = described({ summary: "A replay, and where to play it", answer: replayDetail });
  app.get("/replays/:broadcast", one, async (request): Promise<ReplayDetail> => {
    const row = await replayOf(request);
    demand(request, "play", row);
    const moments = await pins.list(row.room, row.broadcast);
    return { ...shown(row, who(request)), play: addresses.replay(row.room, row.broadcast), moments };
  });

  const remove = described({ summary: "Delete a replay", who: "streamer", status: 204 });
  app.delete("/replays/:broadcast", remove, async (request, reply) => {
    // As with rooms: a stranger is refused before it is looked for.
    if (who(request).kind !== "streamer") demand(request, "manage");
    const row = await replayOf(request);
    demand(request, "manage", row);
    await replays.remove(row.broadcast);
    log("replay to be deleted", { room: row.room, broadcast: row.broadcast });
    return reply.code(204).send();
  });
}

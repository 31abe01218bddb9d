/** Rooms: what everyone may see and play, and what operators and a room's own streamers manage. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { mayNot } from "./access.ts";
import { pushDialectOf } from "./addresses.ts";
import * as answers from "./answers.ts";
import type { RoomList, RoomUrls, TokenAnswer } from "./api.ts";
import type { Context } from "./context.ts";
import { LiveError, messageOf } from "./errors.ts";
import {
  banBody,
  isKeyId,
  keyBody,
  keyParams,
  listQuery,
  nothing,
  parse,
  roomBody,
  tokenBody,
  urlsQuery,
} from "./input.ts";
import { described } from "./openapi.ts";
import { pinRoutes } from "./pin-routes.ts";
import { roomOfIn } from "./room-of.ts";
import { pageSize } from "./rooms.ts";
import { searchRoutes } from "./search-routes.ts";
import type { LiveKit } from "./stage/livekit.ts";
import { hostName } from "./stage/token.ts";
import { issueToken } from "./tokens.ts";

export function roomRoutes(app: FastifyInstance, context: Context): void {
  const {
    addresses,
    cache,
    config,
    demand,
    health,
    keys,
    log,
    metrics,
    readiness,
    rooms,
    secrets,
    stage,
    who,
  } = context;

  app.addHook("onRequest", async (request) => {
    // First of all: who shows a wrong token is told so, wherever it is shown.
    who(request);
    readiness.demandSchema();
  });

  const of = roomOfIn(context);
  const { roomOf, faceOf, managed, administered, withViewers } = of;

  /** From a room's sound and picture. Without LiveKit's answer what was asked for is done all the same: it lets nobody in then. */
  const shownOut = async <T>(
    room: string,
    work: (livekit: LiveKit) => Promise<T>,
  ): Promise<T | undefined> => {
    if (stage === undefined) return undefined;
    return work(stage).catch((error: unknown) => {
      log("nobody was shown out", { room, cause: messageOf(error) });
      return undefined;
    });
  };

  app.get(
    "/rooms",
    described({ summary: "Rooms, by name", query: listQuery, answer: answers.roomList }),
    async (request): Promise<RoomList> => {
      const { after, live, planned } = parse(listQuery, request.query);
      const only = { live: live === "1", planned: planned === "1" };
      const found = await cache.through(`rooms:${live}${planned}:${after}`, () => rooms.list(after, only));
      return {
        rooms: await withViewers(found),
        next: found.length < pageSize ? null : (found.at(-1)?.name ?? null),
      };
    },
  );

  app.post(
    "/rooms",
    described({
      summary: "Make a room",
      who: "operator",
      body: roomBody,
      answer: answers.roomDetail,
      status: 201,
    }),
    async (request, reply) => {
      demand(request, "administer");
      const room = await rooms.create(parse(roomBody, request.body));
      log("room created", { room: room.name, merchant: room.merchant });
      return reply.code(201).send(room);
    },
  );

  app.get(
    "/rooms/:name",
    described({
      summary: "A room; more of it for who manages it",
      answer: z.union([answers.roomDetail, answers.roomInfo]),
    }),
    async (request) => {
      const asking = who(request);
      const face = await faceOf(request);
      const room = mayNot(asking, "manage", face) === undefined ? await roomOf(request) : face;
      const [counted] = await withViewers([room]);
      return counted;
    },
  );

  app.delete(
    "/rooms/:name",
    described({ summary: "Delete a room with its keys", who: "operator", status: 204 }),
    async (request, reply) => {
      const { name } = await administered(request);
      await rooms.remove(name);
      await shownOut(name, (livekit) => livekit.close(name));
      log("room deleted", { room: name });
      return reply.code(204).send();
    },
  );

  app.post(
    "/rooms/:name/keys",
    described({
      summary: "Make a stream key",
      who: "streamer",
      body: keyBody,
      answer: answers.newKey,
      status: 201,
    }),
    async (request, reply) => {
      const { name } = await managed(request);
      const { expiresAt } = parse(keyBody, request.body ?? {});
      const key = await keys.create(name, expiresAt);
      log("key created", { room: name, key: key.id });
      return reply.code(201).send(key);
    },
  );

  app.get(
    "/rooms/:name/keys",
    described({
      summary: "Stream keys, without the keys themselves",
      who: "streamer",
      answer: answers.keyList,
    }),
    async (request) => {
      const { name } = await managed(request);
      return { keys: await keys.list(name) };
    },
  );

  app.delete(
    "/rooms/:name/keys/:id",
    described({ summary: "Revoke a stream key; its broadcast ends", who: "streamer", status: 204 }),
    async (request, reply) => {
      const { name } = await managed(request);
      const { id } = parse(keyParams, request.params);
      if (!isKeyId(id)) throw new LiveError("NO_SUCH_KEY");
      await keys.revoke(name, id);
      log("key revoked", { room: name, key: id });
      return reply.code(204).send();
    },
  );

  app.get(
    "/rooms/:name/health",
    described({ summary: "How the stream comes in", who: "streamer", answer: answers.roomHealth }),
    async (request) => {
      const { name } = await managed(request);
      return health.of(name);
    },
  );

  app.post(
    "/rooms/:name/kick",
    described({ summary: "End the broadcast", who: "streamer", answer: answers.kicked }),
    async (request) => {
      const { name } = await managed(request);
      parse(nothing, request.body ?? {});
      const hadHost = await shownOut(name, (livekit) => livekit.remove(name, hostName));
      const broadcast = await rooms.kick(name).catch((error: unknown) => {
        if (hadHost === true && error instanceof LiveError && error.code === "NOT_LIVE") return null;
        throw error;
      });
      log("kicked", { room: name, broadcast: broadcast ?? undefined, host: hadHost });
      return { broadcast };
    },
  );

  app.post(
    "/rooms/:name/ban",
    described({
      summary: "Keep the room off the air",
      who: "operator",
      body: banBody,
      answer: answers.banned,
    }),
    async (request) => {
      const { name } = await administered(request);
      const { until } = parse(banBody, request.body);
      await rooms.ban(name, until);
      await shownOut(name, (livekit) => livekit.close(name));
      log("banned", { room: name, until: until.toISOString() });
      return { bannedUntil: until.toISOString() };
    },
  );

  app.delete(
    "/rooms/:name/ban",
    described({ summary: "Lift the ban", who: "operator", status: 204 }),
    async (request, reply) => {
      const { name } = await administered(request);
      await rooms.ban(name, undefined);
      log("ban lifted", { room: name });
      return reply.code(204).send();
    },
  );

  app.get(
    "/rooms/:name/urls",
    described({
      summary: "Signed addresses to play and to push",
      who: "streamer",
      query: urlsQuery,
      answer: answers.roomUrls,
    }),
    async (request): Promise<RoomUrls> => {
      const { name } = await managed(request);
      const { ttl, dialect } = parse(urlsQuery, request.query);
      const key = await keys.newest(name).catch((error: unknown) => {
        if (error instanceof LiveError && error.code === "NO_USABLE_KEY") return undefined;
        throw error;
      });
      return {
        play: addresses.play(name, dialect, ttl),
        push: key === undefined ? null : addresses.push(name, pushDialectOf(dialect), ttl, key),
      };
    },
  );

  app.post(
    "/rooms/:name/play",
    described({ summary: "A signed address to play", answer: answers.playAddress }),
    async (request) => {
      parse(nothing, request.body ?? {});
      const room = await faceOf(request);
      const code = mayNot(who(request), "play", room);
      metrics.played(code ?? "ok");
      if (code !== undefined) throw new LiveError(code);
      return addresses.forViewer(room.name);
    },
  );

  pinRoutes(app, context, of);
  searchRoutes(app, context, of);

  app.post(
    "/tokens",
    described({
      summary: "Make a user's access token",
      who: "operator",
      body: tokenBody,
      answer: answers.tokenAnswer,
    }),
    async (request): Promise<TokenAnswer> => {
      demand(request, "administer");
      const { ttlSeconds, ...user } = parse(tokenBody, request.body);
      const key = secrets.optional("jwt.key");
      if (key === undefined) throw new LiveError("TOKENS_OFF");
      const expiresAt = context.now() + ttlSeconds * 1_000;
      log("token issued", { subject: user.subject, role: user.role, merchant: user.merchant });
      return {
        token: issueToken(user, expiresAt, config.tokens, key),
        expiresAt: new Date(expiresAt).toISOString(),
      };
    },
  );
}

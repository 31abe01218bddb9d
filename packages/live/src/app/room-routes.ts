/** Rooms: what everyone may see and play, and what operators and a room's own streamers manage. */
import type { FastifyInstance } from "fastify";
import { mayNot } from "./access.ts";
import { pushDialectOf } from "./addresses.ts";
import type { RoomList, RoomUrls, TokenAnswer } from "./api.ts";
import type { Context } from "./context.ts";
import { LiveError } from "./errors.ts";
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
import { pinRoutes } from "./pin-routes.ts";
import { roomOfIn } from "./room-of.ts";
import { pageSize } from "./rooms.ts";
import { searchRoutes } from "./search-routes.ts";
import { issueToken } from "./tokens.ts";

export function roomRoutes(app: FastifyInstance, context: Context): void {
  const { addresses, cache, config, demand, keys, log, metrics, readiness, rooms, secrets, who } = context;

  app.addHook("onRequest", async (request) => {
    // First of all: who shows a wrong token is told so, wherever it is shown.
    who(request);
    readiness.demandSchema();
  });

  const of = roomOfIn(context);
  const { roomOf, faceOf, managed, administered, withViewers } = of;

  app.get("/rooms", async (request): Promise<RoomList> => {
    const { after, live, planned } = parse(listQuery, request.query);
    const only = { live: live === "1", planned: planned === "1" };
    const found = await cache.through(`rooms:${live}${planned}:${after}`, () => rooms.list(after, only));
    return {
      rooms: await withViewers(found),
      next: found.length < pageSize ? null : (found.at(-1)?.name ?? null),
    };
  });

  app.post("/rooms", async (request, reply) => {
    demand(request, "administer");
    const room = await rooms.create(parse(roomBody, request.body));
    log("room created", { room: room.name, merchant: room.merchant });
    return reply.code(201).send(room);
  });

  app.get("/rooms/:name", async (request) => {
    const asking = who(request);
    const face = await faceOf(request);
    const room = mayNot(asking, "manage", face) === undefined ? await roomOf(request) : face;
    const [counted] = await withViewers([room]);
    return counted;
  });

  app.delete("/rooms/:name", async (request, reply) => {
    const { name } = await administered(request);
    await rooms.remove(name);
    log("room deleted", { room: name });
    return reply.code(204).send();
  });

  app.post("/rooms/:name/keys", async (request, reply) => {
    const { name } = await managed(request);
    const { expiresAt } = parse(keyBody, request.body ?? {});
    const key = await keys.create(name, expiresAt);
    log("key created", { room: name, key: key.id });
    return reply.code(201).send(key);
  });

  app.get("/rooms/:name/keys", async (request) => {
    const { name } = await managed(request);
    return { keys: await keys.list(name) };
  });

  app.delete("/rooms/:name/keys/:id", async (request, reply) => {
    const { name } = await managed(request);
    const { id } = parse(keyParams, request.params);
    if (!isKeyId(id)) throw new LiveError("NO_SUCH_KEY");
    await keys.revoke(name, id);
    log("key revoked", { room: name, key: id });
    return reply.code(204).send();
  });

  app.post("/rooms/:name/kick", async (request) => {
    const { name } = await managed(request);
    parse(nothing, request.body ?? {});
    const broadcast = await rooms.kick(name);
    log("kicked", { room: name, broadcast });
    return { broadcast };
  });

  app.post("/rooms/:name/ban", async (request) => {
    const { name } = await administered(request);
    const { until } = parse(banBody, request.body);
    await rooms.ban(name, until);
    log("banned", { room: name, until: until.toISOString() });
    return { bannedUntil: until.toISOString() };
  });

  app.delete("/rooms/:name/ban", async (request, reply) => {
    const { name } = await administered(request);
    await rooms.ban(name, undefined);
    log("ban lifted", { room: name });
    return reply.code(204).send();
  });

  app.get("/rooms/:name/urls", async (request): Promise<RoomUrls> => {
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
  });

  app.post("/rooms/:name/play", async (request) => {
    parse(nothing, request.body ?? {});
    const room = await faceOf(request);
    const code = mayNot(who(request), "play", room);
    metrics.played(code ?? "ok");
    if (code !== undefined) throw new LiveError(code);
    return addresses.forViewer(room.name);
  });

  pinRoutes(app, context, of);
  searchRoutes(app, context, of);

  app.post("/tokens", async (request): Promise<TokenAnswer> => {
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
  });
}

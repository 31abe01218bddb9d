/** Products pinned in a room, and when it is to be live next. */
import type { FastifyInstance } from "fastify";
import { pinInfo, pinList, plannedStart } from "./answers.ts";
import type { PinList, PlannedStart } from "./api.ts";
import type { Context } from "./context.ts";
import { LiveError } from "./errors.ts";
import { isPinId, parse, pinBody, pinParams, pinsQuery, scheduleBody } from "./input.ts";
import { described } from "./openapi.ts";
import type { RoomOf } from "./room-of.ts";

export function pinRoutes(app: FastifyInstance, context: Context, { faceOf, managed }: RoomOf): void {
  const { log, pins, rooms } = context;

  app.get(
    "/rooms/:name/pins",
    described({ summary: "Products that a broadcast showed", query: pinsQuery, answer: pinList }),
    async (request): Promise<PinList> => {
      const { broadcast } = parse(pinsQuery, request.query);
      const { name } = await faceOf(request);
      return { pins: await pins.list(name, broadcast) };
    },
  );

  app.post(
    "/rooms/:name/pins",
    described({
      summary: "Show a product from now on",
      who: "streamer",
      body: pinBody,
      answer: pinInfo,
      status: [200, 201],
    }),
    async (request, reply) => {
      const { name } = await managed(request);
      const { product, title } = parse(pinBody, request.body);
      const { pin, isNew } = await pins.pin(name, product, title);
      if (isNew) log("product pinned", { room: name, broadcast: pin.broadcast, pin: pin.id, product });
      return reply.code(isNew ? 201 : 200).send(pin);
    },
  );

  app.delete(
    "/rooms/:name/pins/:id",
    described({ summary: "Show it no more", who: "streamer", status: 204 }),
    async (request, reply) => {
      const { name } = await managed(request);
      const { id } = parse(pinParams, request.params);
      if (!isPinId(id)) throw new LiveError("NO_SUCH_PIN");
      await pins.unpin(name, id);
      log("product unpinned", { room: name, pin: id });
      return reply.code(204).send();
    },
  );

  app.put(
    "/rooms/:name/schedule",
    described({
      summary: "Say when the room is to be live",
      who: "streamer",
      body: scheduleBody,
      answer: plannedStart,
    }),
    async (request): Promise<PlannedStart> => {
      const { name } = await managed(request);
      const { startsAt } = parse(scheduleBody, request.body);
      await rooms.plan(name, startsAt);
      log("start planned", { room: name, startsAt: startsAt.toISOString() });
      return { startsAt: startsAt.toISOString() };
    },
  );

  app.delete(
    "/rooms/:name/schedule",
    described({ summary: "Take the planned start back", who: "streamer", status: 204 }),
    async (request, reply) => {
      const { name } = await managed(request);
      await rooms.plan(name, undefined);
      log("planned start taken back", { room: name });
      return reply.code(204).send();
    },
  );
}

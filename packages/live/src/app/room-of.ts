/** The room that a request speaks of, as who asks may see it. */
import type { FastifyRequest } from "fastify";
import { isStreamName } from "../signature/index.ts";
import type { RoomDetail, RoomInfo } from "./api.ts";
import type { Context } from "./context.ts";
import { LiveError } from "./errors.ts";
import { parse, roomParams } from "./input.ts";
import { publicFace } from "./rooms.ts";

export interface RoomOf {
  /** @throws NO_SUCH_ROOM */
  roomOf(request: FastifyRequest): Promise<RoomDetail>;
  /** As everyone may see it, a second old at most. @throws NO_SUCH_ROOM */
  faceOf(request: FastifyRequest): Promise<RoomInfo>;
  /** For who manages it. @throws FORBIDDEN, NO_SUCH_ROOM */
  managed(request: FastifyRequest): Promise<RoomDetail>;
  /** For operators. @throws FORBIDDEN, NO_SUCH_ROOM */
  administered(request: FastifyRequest): Promise<RoomDetail>;
  /** With how many watch, where that is known. */
  withViewers<T extends RoomInfo>(rooms: readonly T[]): Promise<readonly T[]>;
}

export function roomOfIn({ cache, demand, presence, rooms, who }: Context): RoomOf {
  const nameOf = (request: FastifyRequest): string => {
    const { name } = parse(roomParams, request.params);
    if (!isStreamName(name)) throw new LiveError("NO_SUCH_ROOM");
    return name;
  };
  const roomOf = async (request: FastifyRequest) => rooms.get(nameOf(request));
  return {
    roomOf,
    faceOf: async (request) => {
      const name = nameOf(request);
      return cache.through(`{${name}}:face`, async () => publicFace(await rooms.get(name)));
    },
    managed: async (request) => {
      // A stranger is not told which rooms there are beyond the public list: refused before the room is looked for.
      if (who(request).kind !== "streamer") demand(request, "manage");
      const room = await roomOf(request);
      demand(request, "manage", room);
      return room;
    },
    administered: async (request) => {
      demand(request, "administer");
      return roomOf(request);
    },
    withViewers: async (of) => {
      const counts = await presence?.viewers(of.map(({ name }) => name)).catch(() => undefined);
      return counts === undefined ? of : of.map((room, i) => ({ ...room, viewers: counts[i] ?? 0 }));
    },
  };
}

/** Search for rooms: Elasticsearch says which, MySQL what they are now. */
import type { FastifyInstance } from "fastify";
import { searchResult } from "./answers.ts";
import type { SearchResult } from "./api.ts";
import type { Context } from "./context.ts";
import { SearchAway } from "./elastic.ts";
import { LiveError } from "./errors.ts";
import { parse, searchQuery } from "./input.ts";
import { described } from "./openapi.ts";
import type { RoomOf } from "./room-of.ts";

export function searchRoutes(
  app: FastifyInstance,
  { rooms, search }: Context,
  { withViewers }: RoomOf,
): void {
  app.get(
    "/search",
    described({ summary: "Rooms by what they are about", query: searchQuery, answer: searchResult }),
    async (request): Promise<SearchResult> => {
      const { q, page, live } = parse(searchQuery, request.query);
      if (search === undefined) throw new LiveError("SEARCH_OFF");
      const found = await search.search({ text: q, page, liveOnly: live === "1" }).catch((error: unknown) => {
        throw error instanceof SearchAway ? new LiveError("SEARCH_AWAY", undefined, error) : error;
      });
      return { rooms: await withViewers(await rooms.named(found.rooms)), total: found.total };
    },
  );
}

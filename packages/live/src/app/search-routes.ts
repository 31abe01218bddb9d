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

/** @throws SEARCH_OFF, SEARCH_AWAY */
export async function searched<T>(
  search: Context["search"],
  ask: (index: NonNullable<Context["search"]>) => Promise<T>,
): Promise<T> {
  if (search === undefined) throw new LiveError("SEARCH_OFF");
  return ask(search).catch((error: unknown) => {
    throw error instanceof SearchAway ? new LiveError("SEARCH_AWAY", undefined, error) : error;
  });
}

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
      const found = await searched(search, (index) =>
        index.search({ text: q, page, liveOnly: live === "1" }),
      );
      return { rooms: await withViewers(await rooms.named(found.rooms)), total: found.total };
    },
  );
}

import type { LiveClient } from "./client.ts";

/** Who is live, and where this user may watch it. */
export async function onAir(live: LiveClient) {
  const { data, error } = await live.GET("/v1/rooms", { params: { query: { live: "1" } } });
  if (error !== undefined) throw new Error(`${error.code}: ${error.text.en}`);
  const watched = data.rooms.map(async ({ name, title }) => {
    const play = await live.POST("/v1/rooms/{name}/play", { params: { path: { name } } });
    // LOGIN_REQUIRED: a members' room, and nobody is signed in.
    return { title, url: play.data?.url, refused: play.error?.code };
  });
  return Promise.all(watched);
}

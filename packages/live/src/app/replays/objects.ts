/**
 * What edges fetch of a replay, by the address that a viewer asked them for. An edge has judged the viewer's signature;
 * it holds no key of MinIO, so the objects come through here.
 */
import type { FastifyInstance } from "fastify";
import { folderOf, playlistFile, posterFile } from "../../replay/names.ts";
import { type LiveObject, objectOf } from "../../signature/index.ts";
import type { Context } from "../context.ts";
import { LiveError } from "../errors.ts";

export function objectRoutes(app: FastifyInstance, { bucket, demand }: Context): void {
  app.addHook("onRequest", async (request) => demand(request, "objects"));

  app.get<{ Params: { "*": string } }>("/live/*", async (request, reply) => {
    const object = objectOf(`/live/${request.params["*"]}`);
    const key = object === undefined ? undefined : keyOf(object);
    if (key === undefined) throw new LiveError("NO_SUCH_REPLAY");
    if (bucket === undefined) throw new LiveError("REPLAYS_OFF");
    const found = await bucket.get(key).catch((error: unknown) => {
      throw new LiveError("OBJECTS_AWAY", undefined, error);
    });
    if (found === undefined) throw new LiveError("NO_SUCH_REPLAY");
    return reply.headers(found.headers).send(found.body);
  });
}

function keyOf(object: LiveObject): string | undefined {
  if (!("broadcast" in object)) return undefined;
  const folder = folderOf(object.stream, object.broadcast);
  switch (object.kind) {
    case "replay":
      return `${folder}${playlistFile}`;
    case "poster":
      return `${folder}${posterFile}`;
    case "recorded":
      return `${folder}${object.file}`;
    case "segment":
      return undefined;
  }
}

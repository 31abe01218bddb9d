/** Who may be seen and heard in a room, and who may watch: tokens by which LiveKit lets a browser in. */
import { randomBytes } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { mayNot } from "../access.ts";
import type { StagePass } from "../api.ts";
import type { Context } from "../context.ts";
import { LiveError } from "../errors.ts";
import { parse } from "../input.ts";
import { described } from "../openapi.ts";
import { roomOfIn } from "../room-of.ts";
import { hostName, joinSeconds, joinToken } from "./token.ts";

const stageRoles = ["host", "viewer"] as const;
const body = z.strictObject({ role: z.enum(stageRoles).default("viewer") });
const answer = z
  .object({
    url: z.string().describe("Where the signalling is, for livekit-client"),
    token: z.string(),
    expiresAt: z.iso.datetime().describe("Until when it lets somebody join; who has joined stays"),
    role: z.enum(stageRoles),
  })
  .meta({ title: "StagePass" }) satisfies z.ZodType<StagePass>;

const join = described({
  summary: "Join the room's sound and picture; a host needs to manage the room",
  body,
  answer,
});

export function stageRoutes(app: FastifyInstance, context: Context): void {
  const { config, log, now, secrets, stage, who } = context;
  const { managed, roomOf } = roomOfIn(context);

  app.post("/rooms/:name/stage", join, async (request): Promise<StagePass> => {
    const { role } = parse(body, request.body ?? {});
    const room = role === "host" ? await managed(request) : await roomOf(request);
    const code = role === "host" ? undefined : mayNot(who(request), "play", room);
    if (code !== undefined) throw new LiveError(code);
    if (room.bannedUntil !== null) throw new LiveError("BANNED");
    if (stage === undefined) throw new LiveError("STAGE_OFF");
    await stage.makeRoom(room.name).catch((error: unknown) => {
      throw new LiveError("STAGE_AWAY", undefined, error);
    });
    const identity = role === "host" ? hostName : `viewer-${randomBytes(8).toString("hex")}`;
    if (role === "host") log("host joins", { room: room.name });
    return {
      url: config.publicUrl.replace(/^https:/, "wss:"),
      token: joinToken(room.name, role, identity, secrets.read("livekit.key"), now()),
      expiresAt: new Date(now() + joinSeconds * 1_000).toISOString(),
      role,
    };
  });
}

/** What ingest instances ask: may this publisher begin, may it go on, it has ended. Client certificate `live-ingest`. */
import type { FastifyInstance } from "fastify";
import type { Context } from "./context.ts";
import { messageOf, problemOf } from "./errors.ts";
import { doneBody, parse, publishBody, recordedBody, updateBody } from "./input.ts";
import { broadcastName, joinToken } from "./stage/token.ts";

export function internalRoutes(app: FastifyInstance, context: Context): void {
  const { auctions, broadcasts, health, log, metrics, readiness, replays, secrets, stage } = context;

  app.addHook("onRequest", async (request) => {
    context.demand(request, "internal");
    readiness.demandSchema();
  });

  /** While an auction is open, its broadcast is seen by WebRTC as well; without LiveKit's answer it goes on as it is. */
  const staged = async (stream: string): Promise<{ readonly stage?: string }> => {
    if (stage === undefined) return {};
    try {
      if (!(await auctions.isOpenIn(stream))) return {};
      await stage.makeRoom(stream);
      const key = secrets.read("livekit.key");
      return { stage: joinToken(stream, "broadcast", broadcastName, key, context.now()) };
    } catch (error) {
      log("broadcast not seen by WebRTC", { stream, cause: messageOf(error) });
      return {};
    }
  };

  app.post("/publish", async (request, reply) => {
    const body = parse(publishBody, request.body);
    const { stream, instance, address, clientId } = body;
    const started = performance.now();
    const answer = await broadcasts.publish(body);
    const outcome = answer.kind === "accepted" ? "accepted" : answer.code;
    metrics.publish(outcome, (performance.now() - started) / 1_000);
    const shown = stream.slice(0, 64);
    if (answer.kind === "refused") {
      log("publish refused", { stream: shown, code: answer.code, instance, address, clientId });
      return reply.code(403).send(problemOf(answer.code, "en"));
    }
    const { broadcast, again } = answer;
    log("publish accepted", { stream: shown, broadcast, again, instance, address, clientId });
    return { broadcast };
  });

  app.post("/update", async (request, reply) => {
    const { stream, broadcast, instance, report } = parse(updateBody, request.body);
    const code = await broadcasts.update(stream, broadcast, instance);
    metrics.update(code ?? "ok");
    if (code === undefined) {
      // What a streamer is shown is worth less than the answer.
      if (report !== undefined)
        await health
          .note(stream, broadcast, report)
          .catch((error: unknown) => log("report not kept", { stream, cause: messageOf(error) }));
      return await staged(stream);
    }
    log("broadcast must end", { stream: stream.slice(0, 64), broadcast, code, instance });
    return reply.code(403).send(problemOf(code, "en"));
  });

  app.post("/done", async (request, reply) => {
    const { stream, broadcast, instance, reason } = parse(doneBody, request.body);
    const ended = await broadcasts.done(stream, broadcast, instance, reason);
    if (ended) log("broadcast ended", { stream: stream.slice(0, 64), broadcast, reason, instance });
    return reply.code(204).send();
  });

  app.post("/recorded", async (request, reply) => {
    await replays.heard(parse(recordedBody, request.body));
    return reply.code(204).send();
  });
}

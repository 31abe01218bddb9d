/**
 * Who publishes here: sessions by nginx's number of their connection, at most one live for each name. What the module's
 * hooks say changes them; the answers are what nginx is told.
 */
import type { AppClient } from "./app-client.ts";
import type { Broadcast } from "./broadcast.ts";
import { faultOf, type Hook } from "./hook.ts";
import type { Log } from "./log.ts";
import { broadcastPattern } from "./names.ts";
import { reportOf } from "./report.ts";

export type Answer = 200 | 403;

export interface Refusal {
  readonly at: string;
  readonly stream: string;
  readonly address: string;
  readonly code: string;
  readonly reason: string;
}

interface Session {
  readonly clientId: string;
  readonly stream: string;
  readonly address: string;
  state: "asking" | "live" | "ending";
  /** Its connection ended while the application was asked. */
  gone: boolean;
  broadcast?: string;
  packager?: Broadcast;
  since: number;
  /** When nginx spoke of it last. */
  heardAt: number;
  /** Why it will be over, where that is known before its connection has ended. */
  cause?: string;
  ended?: Promise<void>;
}

export interface SessionsOptions {
  readonly instance: string;
  readonly app: AppClient;
  readonly log: Log;
  readonly keepEndedSeconds: number;
  readonly start: (stream: string, broadcast: string, onUnsupported: (reason: string) => void) => Broadcast;
  /** Has nginx cut a publisher that is live. */
  readonly drop: (stream: string, clientId: string) => Promise<void>;
  readonly onAnswered?: (seconds: number) => void;
  /** By which token a live stream is to be seen by WebRTC as well; undefined: it is not, or has ended. */
  readonly onStage?: (stream: string, token: string | undefined) => void;
}

export interface LiveStream {
  readonly stream: string;
  readonly broadcast: string;
  readonly clientId: string;
  readonly address: string;
  readonly state: "live" | "ending";
  readonly since: string;
  readonly figures: ReturnType<Broadcast["figures"]>;
}

export interface Sessions {
  publish(hook: Hook): Promise<Answer>;
  update(hook: Hook): Promise<Answer>;
  done(hook: Hook): void;
  live(): readonly LiveStream[];
  refusals(): readonly Refusal[];
  refusedTotal(): Readonly<Record<string, number>>;
  counts(): { readonly accepted: number; readonly failedOpen: number };
  /** Ends all without saying so to viewers: their publishers come back through another instance. */
  close(reason: string): Promise<void>;
}

/** Nginx speaks of each publisher every 2 s (notify_update_timeout); the application may take 4 s of that. */
const silentMs = 20_000;
const lookMs = 2_000;
/** How long the next publisher of a name waits for the end of the one before. */
const endingMs = 4_000;
const mostRefusals = 50;

export function openSessions(options: SessionsOptions): Sessions {
  const { app, log, instance } = options;
  const sessions = new Map<string, Session>();
  const streams = new Map<string, Session>();
  /** Whose playlists are on the disk: the broadcast that wrote them last. */
  const owners = new Map<string, string>();
  const refusals: Refusal[] = [];
  const refusedTotal: Record<string, number> = {};
  const counts = { accepted: 0, failedOpen: 0 };
  const removals = new Set<NodeJS.Timeout>();
  const watch = setInterval(endSilent, lookMs);
  let closing = false;

  return {
    publish,
    update,
    done(hook) {
      const session = sessions.get(hook.clientId);
      if (session === undefined || session.stream !== hook.name) return;
      session.gone = true;
      if (session.state === "live") void end(session, session.cause ?? "unpublished", true);
    },
    live: () => [...streams.values()].flatMap((each) => shown(each)),
    refusals: () => refusals,
    refusedTotal: () => refusedTotal,
    counts: () => counts,
    async close(reason) {
      closing = true;
      clearInterval(watch);
      for (const timer of removals) clearTimeout(timer);
      await Promise.all([...streams.values()].map((each) => end(each, reason, false)));
    },
  };

  async function publish(hook: Hook): Promise<Answer> {
    const { name: stream, clientId, address, query } = hook;
    if (closing) return refuse(hook, "STOPPING", "the instance is being stopped");
    const fault = faultOf(hook);
    if (fault !== undefined) return refuse(hook, fault.code, fault.reason);
    const before = sessions.get(clientId);
    if (before !== undefined && before.state !== "ending") {
      // The module cuts a connection whose second publish is refused, and then says nothing of the first.
      before.gone = true;
      if (before.state === "live") void end(before, "a second publish on one connection", true);
      return refuse(hook, "SECOND_PUBLISH", "the connection publishes already");
    }
    if (streams.get(stream)?.state === "live") {
      return refuse(hook, "ALREADY_LIVE", "the stream is live on this instance");
    }
    const session: Session = {
      ...{ clientId, stream, address, state: "asking", gone: false },
      ...{ since: Date.now(), heardAt: Date.now() },
    };
    sessions.set(clientId, session);
    const asked = performance.now();
    const answer = await app.publish({ stream, query, address, clientId, instance });
    options.onAnswered?.((performance.now() - asked) / 1000);
    if (answer.kind !== "accepted") {
      forget(session);
      return answer.kind === "refused"
        ? refuse(hook, answer.code, answer.reason)
        : refuse(hook, "APPLICATION_AWAY", answer.reason);
    }
    const { broadcast } = answer;
    session.broadcast = broadcast;
    const takeBack = (code: string, reason: string): Answer => {
      forget(session);
      app.done({ stream, broadcast, instance, reason });
      return refuse(hook, code, reason);
    };
    if (!broadcastPattern.test(broadcast)) {
      return takeBack("BAD_BROADCAST", "the application gave an id that no address can hold");
    }
    const earlier = streams.get(stream);
    if (earlier?.state === "ending") await Promise.race([earlier.ended, sleep(endingMs)]);
    if (closing) return takeBack("STOPPING", "the instance is being stopped");
    if (session.gone) return takeBack("GONE", "the publisher left before it was answered");
    if (streams.has(stream)) return takeBack("ALREADY_LIVE", "the stream is live on this instance");
    goLive(session, broadcast);
    return 200;
  }

  function goLive(session: Session, broadcast: string): void {
    const { stream, clientId, address } = session;
    session.state = "live";
    session.since = Date.now();
    session.heardAt = Date.now();
    streams.set(stream, session);
    owners.set(stream, broadcast);
    counts.accepted += 1;
    log("info", "live", { stream, broadcast, clientId, address });
    session.packager = options.start(stream, broadcast, (reason) => {
      session.cause = `unsupported: ${reason}`;
      note({
        stream,
        address,
        code: "UNSUPPORTED_CODEC",
        reason: `${reason}: only H.264 and AAC are broadcast`,
      });
      void cut(session);
    });
  }

  async function update(hook: Hook): Promise<Answer> {
    // Our own ffmpeg plays, and nobody else may.
    if (hook.call === "update_play") return 200;
    const session = sessions.get(hook.clientId);
    if (session === undefined || session.stream !== hook.name) return 403;
    session.heardAt = Date.now();
    const { stream, broadcast } = session;
    if (session.state === "asking" || broadcast === undefined) return 200;
    if (session.state === "ending" || session.cause !== undefined) return 403;
    const answer = await app.update({
      stream,
      broadcast,
      instance,
      report: reportOf(session.packager?.figures()),
    });
    if (answer.kind === "cut") {
      session.cause = "cut by the application";
      log("info", "cut by the application", { stream, broadcast, clientId: session.clientId });
      return 403;
    }
    if (answer.kind === "unreachable") counts.failedOpen += 1;
    // What nobody could say anything new of stays as it is.
    if (answer.kind === "go-on" && session.ended === undefined) options.onStage?.(stream, answer.stage);
    return 200;
  }

  async function cut(session: Session): Promise<void> {
    const { stream, clientId } = session;
    await options
      .drop(stream, clientId)
      .catch((error: unknown) => log("error", "nginx did not cut", { stream, clientId, why: String(error) }));
  }

  function end(session: Session, reason: string, ended: boolean): Promise<void> {
    if (session.ended !== undefined) return session.ended;
    options.onStage?.(session.stream, undefined);
    session.state = "ending";
    session.ended = ending(session, reason, ended);
    return session.ended;
  }

  async function ending(session: Session, reason: string, ended: boolean): Promise<void> {
    const { stream, packager, broadcast = "" } = session;
    await packager?.stop(ended);
    log("info", "over", { stream, broadcast, clientId: session.clientId, reason });
    app.done({ stream, broadcast, instance, reason });
    forget(session);
    if (streams.get(stream) === session) streams.delete(stream);
    if (packager === undefined) return;
    const timer = setTimeout(() => {
      removals.delete(timer);
      const alone = owners.get(stream) === broadcast;
      if (alone) owners.delete(stream);
      packager
        .remove(alone)
        .catch((error: unknown) => log("error", "not removed", { stream, why: String(error) }));
    }, options.keepEndedSeconds * 1000);
    removals.add(timer);
  }

  function endSilent(): void {
    const now = Date.now();
    for (const session of sessions.values()) {
      if (session.state !== "live" || now - session.heardAt < silentMs) continue;
      log("warn", "nginx no longer speaks of a publisher", { stream: session.stream });
      void cut(session).then(() => end(session, "lost", true));
    }
  }

  function forget(session: Session): void {
    // The connection's number may belong to its next publish already.
    if (sessions.get(session.clientId) === session) sessions.delete(session.clientId);
  }

  function refuse(hook: Hook, code: string, reason: string): Answer {
    note({ stream: hook.name.slice(0, 80), address: hook.address, code, reason });
    return 403;
  }

  function note(refusal: Omit<Refusal, "at">): void {
    refusals.unshift({ at: new Date().toISOString(), ...refusal });
    refusals.length = Math.min(refusals.length, mostRefusals);
    refusedTotal[refusal.code] = (refusedTotal[refusal.code] ?? 0) + 1;
    log("warn", "refused", { ...refusal });
  }
}

function shown(session: Session): readonly LiveStream[] {
  const { stream, broadcast, clientId, address, state, packager } = session;
  if (packager === undefined || broadcast === undefined || state === "asking") return [];
  const since = new Date(session.since).toISOString();
  return [{ stream, broadcast, clientId, address, state, since, figures: packager.figures() }];
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

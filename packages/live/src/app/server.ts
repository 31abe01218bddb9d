/** The application's HTTPS server: TLS for all, a client certificate for services, a token for users. */
import type { Server } from "node:https";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { mayNot } from "./access.ts";
import { auctionRoutes } from "./auctions/routes.ts";
import type { Context } from "./context.ts";
import { type Code, catalogue, LiveError, messageOf, problemOf } from "./errors.ts";
import { whoAsks } from "./identity.ts";
import { internalRoutes } from "./internal-routes.ts";
import { languageOf } from "./language.ts";
import { openApi } from "./openapi.ts";
import { pageRoutes } from "./page-routes.ts";
import { objectRoutes } from "./replays/objects.ts";
import { replayRoutes } from "./replays/routes.ts";
import { roomRoutes } from "./room-routes.ts";
import { stageRoutes } from "./stage/routes.ts";

export interface Identity {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export const tlsOptions = (identity: Identity) => ({
  ...identity,
  minVersion: "TLSv1.2" as const,
  // Users have none; what a service shows is looked at when it asks.
  requestCert: true,
  rejectUnauthorized: false,
});

const headers: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "referrer-policy": "same-origin",
  "strict-transport-security": "max-age=31536000",
  "x-content-type-options": "nosniff",
};

/** No request of ours is larger than a push address of 4 KiB in JSON. */
const bodyLimitBytes = 16 * 1024;
const retryAfterSeconds = 2;

/** @param page folder of the page's files */
export async function createServer(
  context: Omit<Context, "who" | "demand">,
  identity: Identity,
  page: string,
): Promise<FastifyInstance<Server>> {
  const { log, metrics, readiness } = context;
  const app = fastify<Server>({
    https: tlsOptions(identity),
    bodyLimit: bodyLimitBytes,
    logger: false,
    requestTimeout: 15_000,
    keepAliveTimeout: 65_000,
    // While it stops, what is asked on a connection that is kept open is still answered, and then it is closed.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 1_024 },
    // An address that is too long or badly encoded leads nowhere.
    frameworkErrors: (_error, request, reply) => problem(request, reply, "NO_SUCH_ADDRESS"),
  });
  const who = (request: FastifyRequest) => whoAsks(request, context);
  const demand: Context["demand"] = (request, act, room) => {
    const code = mayNot(who(request), act, room);
    if (code !== undefined) throw new LiveError(code);
  };
  const full: Context = { ...context, who, demand };

  app.addHook("onRequest", async (_request, reply) => {
    reply.headers(headers);
  });
  app.addHook("onResponse", async (request, reply) => {
    metrics.request(request.routeOptions.url ?? "none", reply.statusCode, reply.elapsedTime / 1_000);
  });
  app.setErrorHandler((error, request, reply) => {
    const { code, detail } = codeOf(error);
    if (catalogue[code].status === 500 || code === "DATABASE_AWAY" || code === "OBJECTS_AWAY")
      log("request failed", {
        route: request.routeOptions.url,
        code,
        cause:
          error instanceof LiveError && error.cause !== undefined ? messageOf(error.cause) : messageOf(error),
      });
    return problem(request, reply, code, detail);
  });
  app.setNotFoundHandler((request, reply) => problem(request, reply, "NO_SUCH_ADDRESS"));

  await openApi(app as unknown as FastifyInstance);
  app.get("/healthz", async () => ({ ok: true }));
  app.get("/ready", async (_request, reply) => {
    const state = await readiness.state();
    return reply.code(state.ready ? 200 : 503).send(state);
  });
  app.get("/metrics", async (request, reply) => {
    demand(request, "metrics");
    const { contentType, body } = await metrics.text();
    return reply.type(contentType).send(body);
  });
  await app.register(async (routes) => internalRoutes(routes, full), { prefix: "/internal" });
  await app.register(async (routes) => objectRoutes(routes, full), { prefix: "/internal" });
  await apiRoutes(app as unknown as FastifyInstance, full);
  await pageRoutes(app as unknown as FastifyInstance, page);
  return app;
}

/** What the OpenAPI document describes. */
export async function apiRoutes(app: FastifyInstance, context: Context): Promise<void> {
  const v1 = { prefix: "/v1" };
  await app.register(async (routes) => roomRoutes(routes, context), v1);
  await app.register(async (routes) => {
    auctionRoutes(routes, context);
    stageRoutes(routes, context);
  }, v1);
  await app.register(async (routes) => replayRoutes(routes, context), v1);
}

function problem(request: FastifyRequest, reply: FastifyReply, code: Code, detail?: string): FastifyReply {
  const { status } = catalogue[code];
  const { lang } = (request.query ?? {}) as { readonly lang?: unknown };
  const language = languageOf(
    typeof lang === "string" ? lang : undefined,
    request.headers["accept-language"],
  );
  if (status === 503) reply.header("retry-after", retryAfterSeconds);
  if (status === 401) reply.header("www-authenticate", "Bearer");
  return reply.code(status).send(problemOf(code, language, detail));
}

function codeOf(error: unknown): { readonly code: Code; readonly detail?: string } {
  if (error instanceof LiveError)
    return { code: error.code, ...(error.detail === undefined ? {} : { detail: error.detail }) };
  // Fastify's own refusals: a body that is no JSON, too large, of another type.
  const status =
    typeof error === "object" && error !== null && "statusCode" in error ? error.statusCode : undefined;
  if (status === 413) return { code: "TOO_LARGE" };
  if (status === 503) return { code: "STOPPING" };
  if (typeof status === "number" && status < 500) return { code: "INPUT_WRONG", detail: messageOf(error) };
  return { code: "INTERNAL" };
}

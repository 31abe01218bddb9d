/**
 * The shop's web server. It listens on the loopback interface alone and without TLS: a page for looking at, on the
 * machine that runs it; behind a real shop's own TLS it would be put as it is. Pictures pass through it, fetched by
 * presigned addresses, so that a browser need not trust the mall's CA.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { MallError, messageOf } from "@mallstack/platform/src/errors.ts";
import fastify, { type FastifyInstance } from "fastify";
import { ZodError } from "zod";
import { PicturesUnavailable } from "../pictures/store.ts";
import { RedisUnavailable } from "../redis.ts";
import { SearchUnavailable } from "../search/elastic.ts";
import { accountRoutes } from "./account-routes.ts";
import type { Problem } from "./api.ts";
import { catalogueRoutes } from "./catalogue-routes.ts";
import { unavailableCodes, type WebContext } from "./context.ts";
import { orderRoutes } from "./order-routes.ts";

const headers: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
};

const files = {
  "/app.js": "text/javascript; charset=utf-8",
  "/app.css": "text/css; charset=utf-8",
  "/icon.svg": "image/svg+xml",
} as const;

/** @param page folder of the page's files */
export async function webServer(context: WebContext, page: string): Promise<FastifyInstance> {
  const app = fastify({ bodyLimit: 64 * 1024, requestTimeout: 60_000 });
  const html = await readFile(join(page, "index.html"), "utf8");

  app.addHook("onRequest", async (request, reply) => {
    reply.headers(headers);
    // Another name that leads here (DNS rebinding) is not this shop.
    if (!/^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(request.headers.host ?? ""))
      return reply.code(421).send(problem("refused", "this shop is at 127.0.0.1"));
    const { origin } = request.headers;
    if (request.method !== "GET" && origin !== undefined && new URL(origin).host !== request.headers.host)
      return reply.code(403).send(problem("refused", "the request comes from another page"));
    return undefined;
  });

  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof ZodError)
      return reply.code(400).send(problem("wrong-input", error.issues[0]?.message ?? "wrong input"));
    if (error instanceof MallError && error.exit === "input")
      return reply.code(409).send(problem("refused", error.code));
    if (isPassing(error)) return reply.code(503).send(problem("busy", "try again in a moment"));
    const status = (error as { readonly statusCode?: number }).statusCode;
    if (status !== undefined && status < 500)
      return reply.code(status).send(problem("wrong-input", messageOf(error)));
    process.stderr.write(`${messageOf(error)}\n`);
    return reply.code(500).send(problem("busy", "something went wrong"));
  });

  for (const [path, type] of Object.entries(files)) {
    const content = await readFile(join(page, path));
    app.get(path, async (_request, reply) =>
      reply.type(type).header("cache-control", "no-cache").send(content),
    );
  }
  catalogueRoutes(app, context);
  accountRoutes(app, context);
  orderRoutes(app, context);
  app.get("/api/*", async (_request, reply) => reply.code(404).send(problem("not-found", "no such address")));
  // Every other address is one of the page's own.
  app.get("/*", async (_request, reply) =>
    reply.type("text/html; charset=utf-8").header("cache-control", "no-cache").send(html),
  );
  return app;
}

const problem = (error: Problem["error"], detail: string): Problem => ({ error, detail });

/** What passes by itself: a server away for a moment. */
const isPassing = (error: unknown): boolean =>
  error instanceof RedisUnavailable ||
  error instanceof SearchUnavailable ||
  error instanceof PicturesUnavailable ||
  (error instanceof Error && "code" in error && unavailableCodes.includes(String(error.code)));

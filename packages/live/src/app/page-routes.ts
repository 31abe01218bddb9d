/** The pages: one document for every address of theirs, and its few files. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FastifyInstance, FastifyReply } from "fastify";
import { isStreamName } from "../signature/index.ts";
import { isBroadcast } from "./input.ts";
import { languageOf } from "./language.ts";

const files = {
  "app.js": "text/javascript; charset=utf-8",
  "app.css": "text/css; charset=utf-8",
  "hls.worker.js": "text/javascript; charset=utf-8",
  "icon.svg": "image/svg+xml",
  "livekit.js": "text/javascript; charset=utf-8",
} as const;

/**
 * Nothing but this origin's own files. `blob:` is the Media Source that hls.js feeds the video element from; segments
 * are fetched from this origin, as the edge serves pages and streams alike.
 */
export const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "media-src 'self' blob:",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

interface File {
  readonly content: Buffer;
  readonly type: string;
  /** Of its content: another content has another address. */
  readonly version: string;
}

/** @param folder of the page's files @throws when one is not there */
export async function pageRoutes(app: FastifyInstance, folder: string): Promise<void> {
  const all = new Map<string, File>();
  for (const [name, type] of Object.entries(files)) {
    const content = await readFile(join(folder, name));
    const version = createHash("sha256").update(content).digest("hex").slice(0, 12);
    all.set(name, { content, type, version });
  }
  const document = withVersions(await readFile(join(folder, "index.html"), "utf8"), all);
  const documents = { zh: document.replace('<html lang="en">', '<html lang="zh">'), en: document };
  if (documents.zh === documents.en) throw new Error(`${folder}/index.html does not begin as expected`);

  app.get<{ Params: { name: string }; Querystring: { v?: string } }>(
    "/assets/:name",
    async (request, reply) => {
      const file = all.get(request.params.name);
      if (file === undefined) return reply.callNotFound();
      const isLasting = request.query.v === file.version;
      reply
        .type(file.type)
        .header("cache-control", isLasting ? "public, max-age=31536000, immutable" : "no-cache")
        .header("etag", `"${file.version}"`);
      if (request.headers["if-none-match"] === `"${file.version}"`) return reply.code(304).send();
      return reply.send(file.content);
    },
  );

  const page = async (
    request: {
      readonly query: unknown;
      readonly headers: { readonly "accept-language"?: string | undefined };
    },
    reply: FastifyReply,
    status: number,
  ) => {
    const { lang } = request.query as { readonly lang?: unknown };
    const language = languageOf(
      typeof lang === "string" ? lang : undefined,
      request.headers["accept-language"],
    );
    return reply
      .code(status)
      .type("text/html; charset=utf-8")
      .headers({
        "cache-control": "no-cache",
        "content-language": language,
        vary: "accept-language",
        "content-security-policy": pagePolicy,
        // A host is asked for both by the browser, on whichever page it came to be.
        "permissions-policy": "camera=(self), geolocation=(), microphone=(self), payment=(), usb=()",
      })
      .send(documents[language]);
  };
  app.get("/", (request, reply) => page(request, reply, 200));
  app.get("/replays", (request, reply) => page(request, reply, 200));
  app.get<{ Params: { room: string; broadcast: string } }>(
    "/watch/:room/replay/:broadcast",
    (request, reply) => {
      const { room, broadcast } = request.params;
      return page(request, reply, isStreamName(room) && isBroadcast(broadcast) ? 200 : 404);
    },
  );
  // The page itself says when there is no such room; what cannot be one is refused as well as shown.
  for (const address of ["/watch/:room", "/studio/:room", "/auction/:room"])
    app.get<{ Params: { room: string } }>(address, (request, reply) =>
      page(request, reply, isStreamName(request.params.room) ? 200 : 404),
    );
}

/** Every file is named with its version, so that browsers and the edge may keep it for good. */
const withVersions = (html: string, all: ReadonlyMap<string, File>): string =>
  html.replaceAll(/\/assets\/([a-z.]+)/g, (path, name) => {
    const file = all.get(name);
    return file === undefined ? path : `${path}?v=${file.version}`;
  });

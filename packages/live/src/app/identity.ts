/** Who asks: by the client certificate of the connection, else by the token of the request. */
import { TLSSocket } from "node:tls";
import type { FastifyRequest } from "fastify";
import { serviceOf, type Who } from "./access.ts";
import type { Config } from "./config.ts";
import { LiveError } from "./errors.ts";
import type { Secrets } from "./secrets.ts";
import { readToken } from "./tokens.ts";

export interface IdentityDeps {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly now: () => number;
}

/** @throws TOKEN_WRONG */
export function whoAsks(request: FastifyRequest, { config, secrets, now }: IdentityDeps): Who {
  const service = serviceOf(commonNameOf(request) ?? "");
  if (service === "operator" || service === "ingest" || service === "metrics") return { kind: service };
  const { authorization } = request.headers;
  // With a token it forwards a user's request, and is nobody itself.
  if (service === "edge" && authorization === undefined) return { kind: "edge" };
  if (authorization === undefined) return { kind: "anyone" };
  const token = /^Bearer +([A-Za-z0-9._-]+)$/i.exec(authorization)?.[1];
  if (token === undefined) throw new LiveError("TOKEN_WRONG", "not a bearer token");
  const keys = ["jwt.key", "jwt.key.previous"].flatMap((name) => secrets.optional(name) ?? []);
  const { subject, role, merchant } = readToken(token, keys, config.tokens, now());
  return role === "streamer" && merchant !== undefined
    ? { kind: "streamer", subject, merchant }
    : { kind: "viewer", subject };
}

/** Common name of the client's certificate, when the mall's CA signed it. */
function commonNameOf(request: FastifyRequest): string | undefined {
  const { socket } = request.raw;
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const name: unknown = socket.getPeerCertificate().subject?.CN;
  return typeof name === "string" ? name : undefined;
}

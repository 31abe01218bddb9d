/** Requests to one node over verified TLS, as the agent's user or another. */

import type { Pool } from "undici";
import { MallError, messageOf } from "../../errors.ts";
import type { InstanceName } from "../../plan/model.ts";
import { withLimit } from "../../time-limit.ts";
import { keptPool } from "../kept-pool.ts";
import { patiently } from "../patience.ts";
import type { Ctx } from "../service.ts";
import { elasticsearchError } from "./errors.ts";
import { agentUser, ports, secretId } from "./names.ts";

export interface Answer {
  readonly status: number;
  /** Parsed JSON, or the text that is none. */
  readonly body: unknown;
}

export interface Login {
  readonly user: string;
  /** Tried one after the other. */
  readonly passwords: readonly string[];
}

export interface Request {
  readonly method?: "GET" | "PUT" | "POST" | "DELETE" | "HEAD";
  readonly path: string;
  readonly body?: unknown;
  /** The agent's when left out; `null`: nobody's. */
  readonly login?: Login | null;
  readonly timeoutMs?: number;
}

/** The agent's user with its present password, and the one before while a rotation goes on. */
export async function agentLogin(ctx: Pick<Ctx, "secrets">): Promise<Login> {
  const id = secretId(agentUser);
  const previous = await ctx.secrets.previous(id);
  return {
    user: agentUser,
    passwords: [await ctx.secrets.value(id), ...(previous === undefined ? [] : [previous])],
  };
}

/** Of one node; its thread pools queue what is more. */
const atOnce = 6;

const poolOf = async (ctx: Ctx, instance: InstanceName): Promise<Pool> => {
  const { ca } = await ctx.secrets.identity();
  return keptPool(ctx.net.address(instance, ports.http.name), { ca }, atOnce);
};

/**
 * One request and its answer, whatever its status but 401 to the agent itself.
 * @throws ELASTICSEARCH_UNREACHABLE, ELASTICSEARCH_LOGIN_REFUSED
 */
export const ask = (ctx: Ctx, instance: InstanceName, request: Request): Promise<Answer> =>
  withLimit(ctx.signal, request.timeoutMs ?? patiently(ctx, 3_000), async (limit) => {
    const { login } = request;
    const pool = await poolOf(ctx, instance);
    if (login === null) return send(pool, instance, request, undefined, limit);
    const { user, passwords } = login ?? (await agentLogin(ctx));
    let answer: Answer | undefined;
    for (const password of passwords) {
      const basic = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
      answer = await send(pool, instance, request, basic, limit);
      if (answer.status !== 401) return answer;
    }
    if (answer === undefined || login === undefined)
      throw elasticsearchError.ELASTICSEARCH_LOGIN_REFUSED({ instance });
    return answer;
  });

async function send(
  pool: Pool,
  instance: InstanceName,
  { method = "GET", path, body }: Request,
  authorization: string | undefined,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const response = await pool.request({
      method,
      path,
      signal,
      headers: {
        ...(authorization === undefined ? {} : { authorization }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.body.text();
    return { status: response.statusCode, body: parsed(text) };
  } catch (error) {
    const cause = signal.aborted ? "no answer in time" : messageOf(error);
    throw elasticsearchError.ELASTICSEARCH_UNREACHABLE({ instance, cause }, error);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The body of an answer that must be a success. @throws ELASTICSEARCH_ANSWER with the server's own words. */
export async function askFor<T>(ctx: Ctx, instance: InstanceName, request: Request): Promise<T> {
  const answer = await ask(ctx, instance, request);
  if (answer.status < 300) return answer.body as T;
  throw elasticsearchError.ELASTICSEARCH_ANSWER({
    instance,
    request: `${request.method ?? "GET"} ${request.path.split("?")[0]}`,
    status: answer.status,
    said: reasonOf(answer.body),
  });
}

/** The server's reason in one line. Its whole answer may be a page long. */
export function reasonOf(body: unknown): string {
  const error: unknown = typeof body === "object" && body !== null ? Reflect.get(body, "error") : undefined;
  const reason: unknown = typeof error === "object" && error !== null ? Reflect.get(error, "reason") : error;
  return (typeof reason === "string" ? reason : JSON.stringify(body)).slice(0, 240);
}

export const isRefusedLogin = (error: unknown): boolean =>
  error instanceof MallError && error.code === "ELASTICSEARCH_LOGIN_REFUSED";

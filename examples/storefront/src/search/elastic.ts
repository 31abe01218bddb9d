/**
 * Requests to the search cluster: any node answers for all, so a node that does not answer is passed over. Every
 * request is bounded in time, and whether it may be sent again is the caller's word.
 */

import { messageOf } from "@mallstack/platform/src/errors.ts";
import { Agent, type Dispatcher } from "undici";
import { caOf, passwordOf, type SearchSettings } from "../connect.ts";

export interface SearchRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE" | "HEAD";
  readonly path: string;
  readonly body?: unknown;
  /** Lines of a bulk request, in place of a body. */
  readonly lines?: readonly object[];
  readonly timeoutMs?: number;
}

export interface SearchAnswer<T = unknown> {
  readonly status: number;
  readonly body: T;
}

export interface SearchCluster {
  /**
   * @returns whatever a node answers, 4xx as well.
   * @throws SearchUnavailable when none does within the time
   */
  ask<T>(request: SearchRequest): Promise<SearchAnswer<T>>;
  close(): Promise<void>;
}

export class SearchUnavailable extends Error {
  override readonly name = "SearchUnavailable";
}

/** Server says: too busy, or no node for it at the moment. */
const passing = new Set([429, 502, 503, 504]);
const requestTimeoutMs = 5_000;

export function searchCluster(settings: SearchSettings): SearchCluster {
  const open = () => {
    const ca = caOf(settings);
    const password = passwordOf(settings);
    return {
      agent: new Agent({
        connections: 8,
        keepAliveTimeout: 10_000,
        connect: { timeout: 2_000, ...(ca === undefined ? {} : { ca }) },
      }),
      authorization:
        settings.user === undefined || password === undefined
          ? undefined
          : `Basic ${Buffer.from(`${settings.user}:${password}`).toString("base64")}`,
    };
  };
  let session = open();
  let turn = 0;
  /** Nodes that failed are asked last, until they have answered again. */
  const failedAt = new Map<string, number>();

  const once = async <T>(
    node: string,
    request: SearchRequest,
    timeoutMs: number,
  ): Promise<SearchAnswer<T>> => {
    const { method, path, lines, body } = request;
    const text =
      lines !== undefined
        ? lines.map((line) => `${JSON.stringify(line)}\n`).join("")
        : body === undefined
          ? undefined
          : JSON.stringify(body);
    const response: Dispatcher.ResponseData = await session.agent.request({
      origin: node,
      path,
      method,
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        ...(session.authorization === undefined ? {} : { authorization: session.authorization }),
        ...(text === undefined
          ? {}
          : { "content-type": lines === undefined ? "application/json" : "application/x-ndjson" }),
      },
      ...(text === undefined ? {} : { body: text }),
    });
    const answer = await response.body.text();
    return { status: response.statusCode, body: (answer === "" ? undefined : parsed(answer)) as T };
  };

  return {
    ask: async <T>(request: SearchRequest) => {
      turn += 1;
      const rotated = settings.nodes.map((_, i) => settings.nodes[(turn + i) % settings.nodes.length] ?? "");
      const nodes = [...rotated].sort((a, b) => (failedAt.get(a) ?? 0) - (failedAt.get(b) ?? 0));
      let last = "no node is known";
      for (const node of nodes) {
        try {
          const answer = await once<T>(node, request, request.timeoutMs ?? requestTimeoutMs);
          if (answer.status === 401) {
            // The password may have been changed; the next request has the file's present one.
            const old = session;
            session = open();
            void old.agent.close().catch(() => {});
          }
          if (answer.status === 401 || passing.has(answer.status)) {
            last = `${answer.status}: ${reasonOf(answer.body)}`;
            continue;
          }
          failedAt.delete(node);
          return answer;
        } catch (error) {
          failedAt.set(node, Date.now());
          last = messageOf(error);
        }
      }
      throw new SearchUnavailable(last);
    },
    close: () => session.agent.close(),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The server's reason in one line. */
export function reasonOf(body: unknown): string {
  const error: unknown = typeof body === "object" && body !== null ? Reflect.get(body, "error") : undefined;
  const reason: unknown = typeof error === "object" && error !== null ? Reflect.get(error, "reason") : error;
  return (typeof reason === "string" ? reason : (JSON.stringify(body) ?? "")).slice(0, 240);
}

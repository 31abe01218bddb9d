/**
 * Requests to the search cluster: any node answers for all, so one that does not answer is passed over, and asked last
 * until it does. Each request is bounded in time.
 */
import { type Clients, clientsTo } from "./clients.ts";
import type { Config } from "./config.ts";
import { messageOf } from "./errors.ts";
import type { Secrets } from "./secrets.ts";

export interface ElasticRequest {
  readonly method: "GET" | "POST" | "PUT" | "HEAD" | "DELETE";
  readonly path: string;
  readonly body?: object;
  /** Lines of a bulk request, in place of a body. */
  readonly lines?: readonly object[];
  readonly timeoutMs: number;
}

export interface Elastic {
  /** @returns what a node answers, 4xx as well. @throws SearchAway when none does */
  ask<T>(request: ElasticRequest): Promise<{ readonly status: number; readonly body: T }>;
  close(): Promise<void>;
}

export class SearchAway extends Error {
  override readonly name = "SearchAway";
}

/** Server says: too busy, no node for it at the moment; or the password is being changed. */
const passing = new Set([401, 429, 502, 503, 504]);

type Settings = NonNullable<Config["elasticsearch"]>;

export function elasticAt(settings: Settings, secrets: Secrets): Elastic {
  const clients: Clients = clientsTo(settings.nodes, secrets, false);
  const failed = new Set<Settings["nodes"][number]>();
  let turn = 0;

  const once = async (server: Settings["nodes"][number], request: ElasticRequest) => {
    const { method, path, lines, body, timeoutMs } = request;
    const credentials = `${settings.user}:${secrets.read("elasticsearch.password")}`;
    const type = lines === undefined ? "application/json" : "application/x-ndjson";
    const text =
      lines === undefined ? JSON.stringify(body) : lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    const response = await clients.of(server).request({
      ...{ method, path, signal: AbortSignal.timeout(timeoutMs) },
      headers: {
        authorization: `Basic ${Buffer.from(credentials).toString("base64")}`,
        ...(text === undefined ? {} : { "content-type": type }),
      },
      ...(text === undefined ? {} : { body: text }),
    });
    const answer = await response.body.text();
    return { status: response.statusCode, body: answer === "" ? undefined : JSON.parse(answer) };
  };
  return {
    ask: async (request) => {
      turn += 1;
      const { nodes } = settings;
      const inTurn = nodes.map((node, i) => nodes[(turn + i) % nodes.length] ?? node);
      let last = "no node is known";
      for (const node of [...inTurn].sort((a, b) => Number(failed.has(a)) - Number(failed.has(b)))) {
        try {
          const answer = await once(node, request);
          if (!passing.has(answer.status)) {
            failed.delete(node);
            return answer;
          }
          last = `${answer.status}: ${reasonOf(answer.body)}`;
        } catch (error) {
          last = messageOf(error);
        }
        failed.add(node);
      }
      throw new SearchAway(last);
    },
    close: clients.close,
  };
}

/** The server's reason in one line. */
export function reasonOf(body: unknown): string {
  const error: unknown = typeof body === "object" && body !== null ? Reflect.get(body, "error") : undefined;
  const reason: unknown = typeof error === "object" && error !== null ? Reflect.get(error, "reason") : error;
  return (typeof reason === "string" ? reason : (JSON.stringify(body) ?? "")).slice(0, 240);
}

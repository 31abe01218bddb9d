/** Port 9443: state, metrics and health, to whoever has a certificate of the mall. */
import { createServer, type Server } from "node:https";
import type { Log } from "./log.ts";
import type { Identity } from "./secrets.ts";

export interface StatusSources {
  readonly state: () => unknown;
  readonly metrics: () => Promise<string>;
  /** What the running servers were started with. */
  readonly configuration: () => unknown;
  /** Why it is not healthy; undefined when it is. */
  readonly fault: () => Promise<string | undefined>;
}

export interface StatusServer {
  readonly server: Server;
  use(identity: Identity): void;
}

type Reply = readonly [status: number, type: string, body: string];

export function statusServer(identity: Identity, sources: StatusSources, log: Log): StatusServer {
  const options = { requestCert: true, rejectUnauthorized: true, minVersion: "TLSv1.2" } as const;
  const server = createServer({ ...identity, ...options }, (request, response) => {
    const send = ([status, type, body]: Reply): void => {
      response.writeHead(status, {
        "content-type": type,
        "content-length": Buffer.byteLength(body),
        "cache-control": "no-store",
      });
      response.end(request.method === "HEAD" ? undefined : body);
    };
    reply(request.method ?? "", (request.url ?? "").split("?")[0] ?? "").then(send, (error: unknown) => {
      log("error", "a question was not answered", { path: request.url, why: String(error) });
      send([500, "text/plain", "internal error\n"]);
    });
  });
  return { server, use: (next) => server.setSecureContext({ ...next, ...options }) };

  async function reply(method: string, path: string): Promise<Reply> {
    if (method !== "GET" && method !== "HEAD") return [405, "text/plain", "only GET\n"];
    switch (path) {
      case "/v1/state":
        return json(sources.state());
      case "/v1/configuration":
        return json(sources.configuration());
      case "/metrics":
        return [200, "text/plain; version=0.0.4; charset=utf-8", await sources.metrics()];
      case "/healthz": {
        const fault = await sources.fault();
        return fault === undefined ? [200, "text/plain", "ok\n"] : [503, "text/plain", `${fault}\n`];
      }
      default:
        return [404, "text/plain", "not found\n"];
    }
  }
}

const json = (value: unknown): Reply => [200, "application/json", `${JSON.stringify(value)}\n`];

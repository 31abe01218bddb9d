/** Stands in for the live application before an ingest: HTTPS with client certificates, answers as the test says. */
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";

export interface Asked {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** CN of the certificate that was shown. */
  readonly client: string;
}

export interface Reply {
  readonly status: number;
  readonly body?: object;
}

export interface StandIn {
  readonly port: number;
  readonly asked: readonly Asked[];
  /** What it answers from now on; default: each publisher is let in, with a new broadcast. */
  answer(how: (asked: Asked) => Reply | Promise<Reply> | undefined): void;
  /** Until the next call nobody is there: connections are closed without an answer. */
  away(isAway: boolean): void;
  close(): Promise<void>;
}

export interface StandInIdentity {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

export async function standIn(identity: StandInIdentity): Promise<StandIn> {
  const asked: Asked[] = [];
  let how: (asked: Asked) => Reply | Promise<Reply> | undefined = () => undefined;
  let isAway = false;
  let count = 0;
  const server = createServer(
    { ...identity, requestCert: true, rejectUnauthorized: true },
    (request, response) => {
      if (isAway) {
        request.socket.destroy();
        return;
      }
      let text = "";
      request.setEncoding("utf8");
      request.on("data", (piece: string) => {
        text += piece;
      });
      request.on("end", async () => {
        const one: Asked = {
          path: request.url ?? "",
          body: JSON.parse(text) as Asked["body"],
          client: String((request.socket as TLSSocket).getPeerCertificate().subject.CN),
        };
        asked.push(one);
        const { status, body } = (await how(one)) ?? usual(one);
        response.writeHead(status, { "content-type": "application/json" });
        response.end(body === undefined ? undefined : JSON.stringify(body));
      });
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));

  return {
    port: (server.address() as AddressInfo).port,
    asked,
    answer(next) {
      how = next;
    },
    away(next) {
      isAway = next;
      if (next) server.closeAllConnections();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  function usual({ path }: Asked): Reply {
    if (path === "/internal/publish") {
      count += 1;
      return { status: 200, body: { broadcast: `btest${count.toString().padStart(3, "0")}` } };
    }
    return path === "/internal/done" ? { status: 204 } : { status: 200, body: {} };
  }
}

/** HTTPS to servers of the mall: verified by the mall's CA and the name that is configured; files are read anew. */
import { Client } from "undici";
import type { Config } from "./config.ts";
import type { Secrets } from "./secrets.ts";

export type Server = Config["edges"][number];

export interface Clients {
  of(server: Server): Client;
  close(): Promise<void>;
}

const connectTimeoutMs = 2_000;

/** @param identified whether this instance shows its own certificate */
export function clientsTo(servers: readonly Server[], secrets: Secrets, identified: boolean): Clients {
  let files = "";
  let clients = new Map<Server, Client>();

  const renew = (): Promise<unknown> => {
    const tls = {
      ca: secrets.read("ca.crt"),
      ...(identified ? { cert: secrets.read("tls.crt"), key: secrets.read("tls.key") } : {}),
    };
    const now = Object.values(tls).join("\n");
    if (now === files) return Promise.resolve();
    const old = clients;
    files = now;
    clients = new Map(
      servers.map((server) => [
        server,
        new Client(`https://${server.host}:${server.port}`, {
          connect: { ...tls, servername: server.serverName, timeout: connectTimeoutMs },
        }),
      ]),
    );
    return close(old);
  };
  const close = (all: ReadonlyMap<Server, Client>) =>
    Promise.all([...all.values()].map((client) => client.destroy().catch(() => {})));

  return {
    of: (server) => {
      void renew();
      const client = clients.get(server);
      if (client === undefined) throw new Error(`${server.host} is none of these servers`);
      return client;
    },
    close: async () => {
      await close(clients);
    },
  };
}

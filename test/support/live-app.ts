/** The live application's image beside a real MySQL of its own, and a client that asks it as anyone. */
import type { IncomingHttpHeaders } from "node:http";
import { request } from "node:https";
import type { TLSSocket } from "node:tls";
import type { ReadyImage } from "../../packages/platform/src/engine/images/ensure.ts";
import { Bench, type Container } from "./standalone.ts";

export const secrets = {
  "mysql.password": "AppSecret1AppSecret1",
  "seal.key": "s".repeat(48),
  "play.key": "PlayKey0PlayKey0PlayKey0PlayKey0",
  "jwt.key": "j".repeat(48),
  "kafka.password": "KafkaSecret1KafkaSecret1",
  "redis.password": "RedisSecret1RedisSecret1",
  "elasticsearch.password": "SearchSecret1SearchSecret1",
} as const;

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asks for.
  readonly json: any;
  /** SHA-256 of the server's certificate. */
  readonly certificate: string;
}

interface AskOptions {
  readonly body?: unknown;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks as who holds this certificate; without one, as anyone. */
export type Ask = (method: string, path: string, options?: AskOptions) => Promise<Answer>;

const mysqlConfig = (at: string): string => `[mysqld]
server_id = 1
log_bin = /data/mysql/binlog
plugin_load_add = semisync_source.so;semisync_replica.so;mysql_clone.so
ssl_ca = ${at}/ca.crt
ssl_cert = ${at}/tls.crt
ssl_key = ${at}/tls.key
require_secure_transport = ON
mysqlx = OFF
secure_file_priv = NULL
tmpdir = /data/tmp
innodb_buffer_pool_size = 64M
innodb_redo_log_capacity = 32M
performance_schema = OFF
`;

/** As the platform makes an application's account: everything on its own schema, and nothing else. */
const account = `CREATE DATABASE live;
CREATE USER 'live'@'%' IDENTIFIED BY '${secrets["mysql.password"]}' REQUIRE SSL;
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, REFERENCES, INDEX, ALTER ON live.* TO 'live'@'%';
`;

export class LiveBench {
  private constructor(
    readonly bench: Bench,
    readonly images: ReadonlyMap<string, ReadyImage>,
  ) {}

  static async open(
    imagesOf: (bench: Bench) => Promise<ReadonlyMap<string, ReadyImage>>,
  ): Promise<LiveBench> {
    const bench = await Bench.open();
    try {
      return new LiveBench(bench, await imagesOf(bench));
    } catch (error) {
      await bench.close();
      throw error;
    }
  }

  app(
    more: Readonly<Record<string, unknown>> = {},
    instance = "live-app-1",
    moreSecrets: Readonly<Record<string, string>> = {},
  ): Promise<Container> {
    const config = {
      mysql: { host: "mysql", port: 3306, serverName: "mysql", database: "live", user: "live" },
      publicUrl: "https://live.test:8443",
      pushUrl: "rtmp://live.test:1935/live",
      pushUrlTls: "rtmps://live.test:1936/live",
      playTtlSeconds: 600,
      ...more,
    };
    return this.bench.run(instance, {
      image: this.images.get("live-app")?.tag ?? "",
      uid: 10011,
      config: { "live.json": JSON.stringify(config) },
      secrets: { ...secrets, ...moreSecrets },
      options: ["--publish", "127.0.0.1::8443"],
    });
  }

  /** @returns once the application's account is there */
  async mysql(): Promise<Container> {
    const container = await this.bench.run("mysql", {
      image: this.images.get("mysql")?.tag ?? "",
      uid: 10001,
      config: { "my.cnf": mysqlConfig("/secrets/mysql/current") },
      secrets: { "root.password": "RootSecret1", "agent.password": "AgentSecret1" },
    });
    await container.untilHealthy(180_000);
    await this.sql(container, account);
    return container;
  }

  /** As root by the server's socket. @returns rows of columns with tabs between */
  async sql(mysql: Container, statements: string): Promise<string> {
    const done = await mysql.feed(statements, "mall-shell", "--batch", "--skip-column-names");
    if (done.exitCode !== 0) throw new Error(done.stderr);
    return done.stdout.trim();
  }

  /** @param from another bench for a stranger's CA; `as` undefined: no certificate */
  async client(app: Container, as?: string, from: Bench = this.bench): Promise<Ask> {
    const identity = as === undefined ? undefined : await from.identity(as);
    return async (method, path, options = {}) => {
      // Another one after each start of the container.
      const published = await this.bench.engine.docker(["port", app.name, "8443"]);
      const port = Number(published.split("\n")[0]?.split(":").at(-1));
      const body = options.body === undefined ? undefined : JSON.stringify(options.body);
      return new Promise<Answer>((resolve, reject) => {
        const asking = request(
          {
            ...{
              host: "127.0.0.1",
              port,
              servername: app.instance,
              method,
              path,
              agent: false,
              timeout: 10_000,
            },
            ca: this.bench.authority,
            ...(identity === undefined ? {} : { cert: identity["tls.crt"], key: identity["tls.key"] }),
            headers: {
              ...(body === undefined ? {} : { "content-type": "application/json" }),
              ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
              ...options.headers,
            },
          },
          (response) => {
            const certificate = (response.socket as TLSSocket).getPeerCertificate().fingerprint256 ?? "";
            const parts: Buffer[] = [];
            response.on("data", (part: Buffer) => parts.push(part));
            response.on("error", reject);
            response.on("end", () => {
              const text = Buffer.concat(parts).toString("utf8");
              const isJson = response.headers["content-type"]?.startsWith("application/json") === true;
              const { statusCode: status = 0, headers } = response;
              resolve({ status, headers, text, certificate, json: isJson ? JSON.parse(text) : undefined });
            });
          },
        );
        asking.on("timeout", () => asking.destroy(new Error(`${method} ${path}: no answer within 10 s`)));
        asking.on("error", reject);
        asking.end(body);
      });
    };
  }
}

export async function until(holds: () => Promise<boolean>, timeoutMs = 30_000): Promise<void> {
  for (const end = Date.now() + timeoutMs; !(await holds()); ) {
    if (Date.now() > end) throw new Error("did not come to hold in time");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

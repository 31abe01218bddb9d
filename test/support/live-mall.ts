/** A mall with live streaming, used from outside: the operator's interface, publishers, viewers' requests. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Agent, request } from "undici";
import { ensureEngine } from "../../packages/platform/src/engine/find.ts";
import { stateHome } from "../../packages/platform/src/state.ts";
import { containerName } from "../../packages/platform/src/targets/compose/names.ts";
import { type MallCommand, mallCommand } from "./mall-command.ts";

/** Live streaming and what it needs. */
const others = ["redis", "zookeeper", "kafka", "elasticsearch", "minio"];
const spec = ["services:", ...others.flatMap((name) => [`  ${name}:`, "    enabled: false"])].join("\n");

export interface Got {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface LiveMall {
  readonly mall: MallCommand;
  /** Address of the edges. */
  readonly edge: string;
  docker(...words: readonly string[]): Promise<string>;
  container(instance: string): string;
  /** PEM of what the instance serves TLS with. */
  certificate(instance: string): Promise<string>;
  /** A request to the application as the operator, whose answer is JSON. */
  operate<T>(method: "GET" | "POST" | "DELETE", path: string, body?: object): Promise<T>;
  /** What a viewer gets. */
  get(url: string): Promise<Got>;
  /** A play address of the stream, as the page asks for one. */
  playUrl(stream: string): Promise<string>;
  /** ffmpeg that pushes a moving picture, again and again when it is cut, until it is stopped. */
  publish(url: string): { readonly stop: () => Promise<void> };
  /** ffmpeg that pushes for two seconds at most. @returns its exit code and how long it took */
  tries(url: string): Promise<{ readonly code: number; readonly seconds: number }>;
  close(): Promise<void>;
}

export async function liveMall(name: string, portBase: number): Promise<LiveMall> {
  const mall = await mallCommand(name, portBase);
  await mall.spec(`${spec}\n`);
  const engine = await ensureEngine();
  const docker = (...words: readonly string[]) => engine.docker(words);
  const edge = `https://localhost:${portBase + 443}`;
  const secrets = join(stateHome(), "malls", name, "secrets");
  const trusted = async () => ({ ca: await readFile(join(secrets, "authorities/1.pem"), "utf8") });
  const asked = async (
    agent: Agent,
    method: "GET" | "POST" | "DELETE",
    url: string,
    body?: object,
  ): Promise<Got> => {
    const answer = await request(url, {
      dispatcher: agent,
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
      headersTimeout: 10_000,
    });
    return { status: answer.statusCode, text: await answer.body.text(), headers: answer.headers };
  };
  const once = async (connect: object, method: "GET" | "POST" | "DELETE", url: string, body?: object) => {
    const agent = new Agent({ connect });
    try {
      return await asked(agent, method, url, body);
    } finally {
      await agent.close();
    }
  };
  const image = async (): Promise<string> =>
    (await docker("inspect", "--format", "{{.Config.Image}}", containerName(name, "live-ingest-1"))).trim();
  const ffmpeg = (url: string, seconds: number): readonly string[] => [
    ...["-hide_banner", "-loglevel", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=15"],
    ...["-re", "-f", "lavfi", "-i", "sine=frequency=440", "-c:v", "libx264", "-preset", "ultrafast"],
    ...["-tune", "zerolatency", "-pix_fmt", "yuv420p", "-g", "30", "-c:a", "aac", "-t", `${seconds}`],
    ...["-tls_verify", "0", "-f", "flv", url],
  ];
  let publishers = 0;

  return {
    mall,
    edge,
    docker,
    container: (instance) => containerName(name, instance),
    certificate: (instance) => readFile(join(secrets, `certificates/${instance}.pem`), "utf8"),
    async operate<T>(method: "GET" | "POST" | "DELETE", path: string, body?: object) {
      const pem = await readFile(join(secrets, "certificates/operator.pem"), "utf8");
      const connect = { ...(await trusted()), cert: pem, key: pem, servername: "live-app" };
      const got = await once(connect, method, `https://127.0.0.1:${portBase + 449}${path}`, body);
      if (got.status >= 300) throw new Error(`${method} ${path}: ${got.status} ${got.text}`);
      return (got.text === "" ? undefined : JSON.parse(got.text)) as T;
    },
    get: async (url) => once(await trusted(), "GET", url),
    async playUrl(stream) {
      const got = await once(await trusted(), "POST", `${edge}/v1/rooms/${stream}/play`, {});
      if (got.status !== 200) throw new Error(`play: ${got.status} ${got.text}`);
      return (JSON.parse(got.text) as { readonly url: string }).url;
    },
    publish(url) {
      publishers += 1;
      const container = `${name}-publisher-${publishers}`;
      const line = (words: readonly string[]) => words.map((word) => `'${word}'`).join(" ");
      const loop = `while :; do ffmpeg ${line(ffmpeg(url, 600))}; sleep 1; done`;
      const started = image().then((found) =>
        docker(
          "run",
          "--detach",
          "--rm",
          "--name",
          container,
          "--network",
          "host",
          "--entrypoint",
          "sh",
          found,
          "-c",
          loop,
        ),
      );
      return {
        stop: async () => {
          await started;
          await docker("rm", "--force", container);
        },
      };
    },
    async tries(url) {
      const startedAt = performance.now();
      const args = ["run", "--rm", "--network", "host", "--entrypoint", "ffmpeg", await image()];
      const ran = await engine.tryDocker([...args, ...ffmpeg(url, 2)]);
      return { code: ran.exitCode, seconds: (performance.now() - startedAt) / 1000 };
    },
    async close() {
      await mall.close();
    },
  };
}

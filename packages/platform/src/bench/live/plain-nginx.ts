/** nginx of the edge's own image without the edge's program: files from its disk, by the same TLS, logged alike. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issueAuthority, issueLeaf } from "../../secrets/certificates.ts";
import { containerName, networkName } from "../../targets/compose/names.ts";
import type { Target } from "./load.ts";
import type { LiveMall } from "./mall.ts";

const port = 8443;
const plainConfig = (workers: number): string => `pid /tmp/nginx.pid;
error_log stderr warn;
worker_processes ${workers};
events { worker_connections 4096; }
http {
  access_log /dev/stdout combined buffer=16k flush=1s;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 10000;
  client_body_temp_path /tmp/body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;
  server {
    listen ${port} ssl;
    http2 on;
    ssl_certificate /plain/tls.crt;
    ssl_certificate_key /plain/tls.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    root /plain/files;
  }
}
`;

/** @param edge whose image, cores and memory it has @param file what it serves; its `path` is the target's */
export async function withPlainNginx<T>(
  mall: LiveMall,
  edge: string,
  file: { readonly name: string; readonly content: Uint8Array },
  work: (plain: Target) => Promise<T>,
): Promise<T> {
  const { engine } = mall;
  const container = containerName(mall.name, "bench-plain-nginx");
  const folder = await mkdtemp(join(tmpdir(), "mall-bench-"));
  const remove = () => engine.tryDocker(["rm", "--force", "--volumes", container]);
  try {
    await remove();
    const own = join(folder, "plain");
    await mkdir(join(own, "files"), { recursive: true });
    await chmod(own, 0o755);
    const workload = mall.plan.services
      .flatMap((s) => s.workloads)
      .find((w) => w.instances.some(({ name }) => name === edge));
    if (workload === undefined) throw new Error(`the plan has no instance ${edge}`);
    const { cpus, memoryBytes } = workload.resources;
    const authority = await issueAuthority("bench", 1, Date.now());
    const pair = await issueLeaf(
      {
        ...{ kind: "certificate", id: "plain", commonName: "plain", dnsNames: ["plain"], ipAddresses: [] },
        ...{ usage: ["server"], rotate: "watch" },
      },
      authority,
      1,
      Date.now(),
    );
    // Nobody else trusts this key, and it goes with the container.
    const files = {
      "nginx.conf": plainConfig(Math.max(1, Math.ceil(cpus))),
      "tls.crt": pair.certificate,
      "tls.key": pair.key,
      [`files/${file.name}`]: file.content,
    };
    for (const [name, content] of Object.entries(files))
      await writeFile(join(own, name), content, { mode: 0o644 });
    const image = await engine.docker(["inspect", "--format", "{{.Image}}", containerName(mall.name, edge)]);
    await engine.docker([
      ...["create", "--name", container, "--network", networkName(mall.name), "--tmpfs", "/tmp:mode=1777"],
      ...["--cpus", `${cpus}`, "--memory", `${memoryBytes}`, "--entrypoint", "nginx", image],
      ...["-e", "stderr", "-g", "daemon off;", "-c", "/plain/nginx.conf"],
    ]);
    await engine.docker(["cp", own, `${container}:/plain`]);
    await engine.docker(["start", container]);
    const host = await addressIn(mall, container);
    return await work({
      ...{ container, origin: `https://${host}:${port}`, path: `/${file.name}` },
      ...{ ca: authority.certificate, serverName: "plain" },
    });
  } finally {
    await remove();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Of a container in the mall's network, which an engine on this machine lets its host reach. */
export const addressIn = async ({ engine, name }: LiveMall, container: string): Promise<string> =>
  engine.docker([
    ...["inspect", "--format", `{{(index .NetworkSettings.Networks "${networkName(name)}").IPAddress}}`],
    container,
  ]);

/** The Docker Engine that the user's own `docker` would talk to, by the same rules as docker's command line. */
import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join } from "node:path";
import { exists, readJson } from "../state.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface HostCandidate {
  /** DOCKER_HOST value. */
  readonly host: string;
  /** Named by the user (DOCKER_HOST, a context), so that another engine is no answer when it is unreachable. */
  readonly explicit: boolean;
  /** Where it was named, for error texts. */
  readonly from: string;
  /** Folder with ca.pem, cert.pem, key.pem for TLS. */
  readonly certPath: string | undefined;
}

/**
 * Engines to try, in order: DOCKER_HOST; the context of DOCKER_CONTEXT or `docker context use`; the default
 * socket; a rootless engine's. https://docs.docker.com/engine/manage-resources/contexts/
 */
export async function hostCandidates(env: Environment = process.env): Promise<HostCandidate[]> {
  const home = env.HOME || homedir();
  const config = env.DOCKER_CONFIG || join(home, ".docker");
  if (env.DOCKER_HOST) {
    const certPath = env.DOCKER_TLS_VERIFY ? env.DOCKER_CERT_PATH || config : undefined;
    return [{ host: env.DOCKER_HOST, explicit: true, from: "DOCKER_HOST", certPath }];
  }
  const name = env.DOCKER_CONTEXT || (await currentContext(config));
  if (name !== undefined && name !== "default") {
    const found = await contextEndpoint(config, name);
    return [
      found ?? { host: `context ${name}`, explicit: true, from: "docker context", certPath: undefined },
    ];
  }
  const sockets = ["/var/run/docker.sock"];
  if (env.XDG_RUNTIME_DIR) sockets.push(join(env.XDG_RUNTIME_DIR, "docker.sock"));
  sockets.push(join(home, ".docker/run/docker.sock")); // Docker Desktop
  const there = await Promise.all(sockets.map(exists));
  return sockets
    .filter((_, i) => there[i])
    .map((path) => ({
      host: `unix://${path}`,
      explicit: false,
      from: "its default socket",
      certPath: undefined,
    }));
}

async function currentContext(config: string): Promise<string | undefined> {
  const settings = (await readJson(join(config, "config.json"))) as { currentContext?: unknown } | undefined;
  return typeof settings?.currentContext === "string" ? settings.currentContext : undefined;
}

/** Contexts are stored under the SHA-256 of their name. */
async function contextEndpoint(config: string, name: string): Promise<HostCandidate | undefined> {
  const id = createHash("sha256").update(name).digest("hex");
  const meta = (await readJson(join(config, "contexts/meta", id, "meta.json"))) as
    | { Endpoints?: { docker?: { Host?: unknown } } }
    | undefined;
  const host = meta?.Endpoints?.docker?.Host;
  if (typeof host !== "string") return undefined;
  const tls = join(config, "contexts/tls", id, "docker");
  return {
    host,
    explicit: true,
    from: `docker context ${name}`,
    certPath: (await exists(tls)) ? tls : undefined,
  };
}

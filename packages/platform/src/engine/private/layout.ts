/** Where everything of the private engine is. One folder, so that purging it is removing that folder. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { stateHome } from "../../state.ts";

export interface Layout {
  /** Four hex digits of the folder's name: tells this engine's chains, bridge and cgroups from another's. */
  readonly id: string;
  readonly home: string;
  /** One action at a time on this engine. */
  readonly lock: string;
  /** Private apt: its configuration, lists and cache. */
  readonly apt: string;
  /** Fetched packages, each verified. */
  readonly debs: string;
  /** Unpacked packages, one folder per component (recipe.ts). */
  readonly tools: string;
  /** For clients: `docker`. Goes into PATH. */
  readonly bin: string;
  /** For the daemon: dockerd, containerd, runc, iptables. Never goes into a user's PATH. */
  readonly sbin: string;
  /** DOCKER_CONFIG: the plugins, and no credentials of the user. */
  readonly cli: string;
  /** Sockets, pid files and containerd's volatile state. */
  readonly run: string;
  readonly execRoot: string;
  readonly socket: string;
  readonly pidFile: string;
  readonly data: string;
  readonly log: string;
  readonly config: string;
  /** The address range chosen at the first start (subnet.ts); kept, since networks are made from it. */
  readonly range: string;
  /** Root file systems of base images. */
  readonly bases: string;
  readonly bridge: string;
  /** Begins the names of all iptables chains of this engine (they may have 28 characters). */
  readonly chain: string;
  /** Comment of all its iptables rules. */
  readonly mark: string;
  readonly cgroup: string;
  /** DOCKER_HOST. */
  readonly host: string;
}

/** A socket's path has at most 107 bytes (unix(7)); containerd's are the longest below the run folder. */
const longestSocketBelowRun = "/exec/containerd/containerd-debug.sock.ttrpc".length;

export function engineHome(): string {
  return join(stateHome(), "engine");
}

export function layoutOf(home: string = engineHome()): Layout {
  const id = createHash("sha256").update(home).digest("hex").slice(0, 4);
  const run =
    Buffer.byteLength(home) + "/run".length + longestSocketBelowRun <= 107
      ? join(home, "run")
      : `/run/mallstack/${id}`;
  const socket = join(run, "docker.sock");
  return {
    id,
    home,
    lock: join(home, "lock"),
    apt: join(home, "apt"),
    debs: join(home, "debs"),
    tools: join(home, "tools"),
    bin: join(home, "bin"),
    sbin: join(home, "sbin"),
    cli: join(home, "cli"),
    run,
    execRoot: join(run, "exec"),
    socket,
    pidFile: join(run, "docker.pid"),
    data: join(home, "data"),
    log: join(home, "log/dockerd.log"),
    config: join(home, "daemon.json"),
    range: join(home, "range.json"),
    bases: join(home, "bases"),
    bridge: `mall-${id}`,
    chain: `MALL-${id}`,
    mark: `mallstack:${id}`,
    cgroup: `/mallstack-${id}`,
    host: `unix://${socket}`,
  };
}

/** For tests only: a plan with every kind of secret, and a backend in memory that can be killed. */
import type { CertificateSecret, Instance, MallPlan, SecretFile, Workload } from "../plan/model.ts";
import type { SecretBackend } from "./backend.ts";

export const certificate = (id: string, extra: Partial<CertificateSecret> = {}): CertificateSecret => ({
  kind: "certificate",
  id,
  commonName: id,
  dnsNames: [id, `${id}.test`, "localhost"],
  ipAddresses: ["127.0.0.1", "::1"],
  usage: ["server", "client"],
  rotate: "command",
  ...extra,
});

const instance = (name: string, index: number, secrets: readonly SecretFile[]): Instance => ({
  name,
  index,
  files: [],
  environment: {},
  secrets,
  published: [],
});

const workload = (name: string, instances: readonly Instance[]): Workload => ({
  name,
  image: { name },
  user: { uid: 10001, gid: 10001 },
  instances,
  ports: [],
  volumes: [],
  scratch: [],
  health: { command: ["true"], timeoutSeconds: 1, retries: 1, startSeconds: 1 },
  resources: { memoryBytes: 2 ** 26, cpus: 1, pids: 64, files: 1024 },
  stopGraceSeconds: 1,
  stateful: false,
});

/** Two databases, a keeper with all credentials, an operator's client certificate; `extra` adds to the first. */
export function testPlan(extra: readonly SecretFile[] = [], names: readonly string[] = []): MallPlan {
  const database = (index: number): Instance => {
    const name = `db-${index}`;
    const tls = certificate(name, { dnsNames: [name, `${name}.db`, "localhost", ...names] });
    return instance(name, index, [
      { ref: tls, file: "tls" },
      { ref: { kind: "generated", id: "db.root" }, file: "root-password" },
      ...(index === 1 ? extra : []),
    ]);
  };
  const keeper: Instance = {
    ...instance("keeper-1", 1, [{ ref: certificate("keeper-1"), file: "tls" }]),
    allCredentials: true,
  };
  return {
    mall: "shop",
    services: [
      {
        service: "db",
        workloads: [workload("db", [database(1), database(2)])],
        routes: [],
        credentials: [
          { kind: "generated", id: "db.root" },
          { kind: "generated", id: "db.app" },
        ],
      },
      {
        service: "keeper",
        workloads: [workload("keeper", [keeper])],
        routes: [],
        credentials: [],
        clients: [certificate("operator", { dnsNames: [], ipAddresses: [], usage: ["client"] })],
      },
    ],
  };
}

export interface MemoryBackend extends SecretBackend {
  readonly entries: Map<string, string>;
  /** Writes (puts and removals) so far. */
  writes(): number;
  /** The process dies instead of that many-th write from now, and at every later one; undefined: it lives. */
  dieAt(write: number | undefined): void;
}

export class Killed extends Error {}

export function memoryBackend(): MemoryBackend {
  const entries = new Map<string, string>();
  let writes = 0;
  let deadline = Number.POSITIVE_INFINITY;
  let chain: Promise<unknown> = Promise.resolve();
  const write = (change: () => void): void => {
    if (writes + 1 >= deadline) throw new Killed(`before write ${writes + 1}`);
    writes += 1;
    change();
  };
  return {
    entries,
    writes: () => writes,
    dieAt: (next) => {
      deadline = next === undefined ? Number.POSITIVE_INFINITY : writes + next;
    },
    place: (key) => `/store/${key}`,
    get: async (key) => entries.get(key),
    put: async (key, value) => write(() => entries.set(key, value)),
    remove: async (key) => write(() => entries.delete(key)),
    list: async (folder) =>
      [...entries.keys()]
        .filter((key) => key.startsWith(`${folder}/`))
        .map((key) => key.slice(folder.length + 1))
        .sort(),
    exclusively: (work) => {
      const next = chain.then(work, work);
      chain = next.catch(() => undefined);
      return next;
    },
  };
}

/**
 * The neutral model between a spec and a target: pure data, no function, no I/O, the same bytes for the
 * same spec. A service turns its spec into it; Compose and Helm turn it into what their engine runs.
 * Nothing here knows a service by name.
 */
import type { Text } from "../text.ts";

export type InstanceName = string; // `mysql-1`: workload name and 1-based index
export type SecretId = string; // `mysql.root`: service and purpose

/** Everything one mall consists of. Plain JSON: written beside each rendering and compared by `up`. */
export interface MallPlan {
  readonly mall: string;
  readonly services: readonly ServicePlan[];
}

export interface ServicePlan {
  readonly service: string;
  readonly workloads: readonly Workload[];
  /** Stable names under which clients reach a changing set of instances. */
  readonly routes: readonly Route[];
  /** Credentials of the service's own users that the agent creates and keeps. */
  readonly credentials: readonly GeneratedSecret[];
  /** Client certificates that no container holds: the store keeps them for whoever calls from outside. */
  readonly clients?: readonly CertificateSecret[];
}

/** Like instances that share image, ports and limits. One StatefulSet on Kubernetes. */
export interface Workload {
  readonly name: string;
  readonly image: ImageRef;
  /** Numeric ids that the image runs as; never 0. */
  readonly user: { readonly uid: number; readonly gid: number };
  readonly instances: readonly Instance[];
  readonly ports: readonly Port[];
  readonly volumes: readonly Volume[];
  /** Writable places in the otherwise read-only root, in memory. */
  readonly scratch: readonly Scratch[];
  readonly health: Probe;
  readonly resources: Resources;
  /** Longest time in seconds an orderly stop may take before SIGKILL. */
  readonly stopGraceSeconds: number;
  /**
   * Workloads without which it cannot even stop in order, such as the keeper of its state: they are started before it
   * and stopped after it. Nobody waits for them to be ready: every server waits for its own peers.
   */
  readonly leansOn?: readonly string[];
  /** Signal by which the server reads its files again; without one a reload is a restart. */
  readonly reloadSignal?: "SIGHUP" | "SIGUSR1" | "SIGUSR2";
  /** Holds data that must survive: its image is never rebuilt implicitly, its volumes never dropped. */
  readonly stateful: boolean;
  /** Names that its containers alone resolve, beside those of the network. */
  readonly hosts?: readonly { readonly name: string; readonly address: string }[];
  /** Left out on the other target, which does its work by its own means (routes by role labels on Kubernetes). */
  readonly onlyOn?: "compose" | "kubernetes";
}

export interface ImageRef {
  /** Folder under `images/`. */
  readonly name: string;
  /** A reference that replaces the built image's content (`images.<name>` of the spec). */
  readonly override?: string;
}

/** One server with its own files, names, certificate and secrets. */
export interface Instance {
  readonly name: InstanceName;
  /** 1-based. */
  readonly index: number;
  readonly files: readonly ConfigFile[];
  readonly environment: Readonly<Record<string, string>>;
  /** Further names it answers to inside the mall, such as the routes it serves. */
  readonly aliases?: readonly string[];
  readonly secrets: readonly SecretFile[];
  /**
   * Its secrets folder holds every credential of the mall as well: `credentials/<id>`, `credentials/<id>.previous`
   * while a rotation goes on, and `fingerprints.json`. For the one workload that keeps the servers' users.
   */
  readonly allCredentials?: true;
  /** Host ports on the site's bind address, by port name. Compose only. */
  readonly published: readonly Published[];
}

export interface Published {
  readonly port: string;
  readonly hostPort: number;
}

export interface Port {
  readonly name: string;
  readonly number: number;
  /**
   * `tls`: TLS from the first byte (over UDP: QUIC). `starttls`: upgrades inside its protocol and refuses to go on
   * without. `dtls`: WebRTC's media, encrypted by DTLS and SRTP; only who knows the password of an ICE session gets an
   * answer at all (RFC 8445). `plain`: the deployment plan itself wants it readable; `plainBecause` says to whom it matters.
   */
  readonly encryption: "tls" | "starttls" | "dtls" | "plain";
  readonly plainBecause?: Text;
  /** TCP where nothing is said. */
  readonly transport?: "udp";
  /** Why a probe that sends plaintext is refused is the scan's business; what speaks here is the port's. */
  readonly protocol: string;
  /** Who connects: clients of the mall, peers of the same workload, or the agent and exporters. */
  readonly audience: "clients" | "peers" | "operators";
  /** Listens at one instance of the workload at a time, whichever leads; elsewhere it is closed. */
  readonly onlyLeader?: true;
}

/** How a changed setting reaches the running server. `live`: the agent sets it; nothing restarts. */
export type Apply = "live" | "reload" | "restart";

export interface Setting {
  readonly key: string;
  readonly value: string;
  readonly apply: Apply;
}

/**
 * A file in the instance's folder. `settings` are its lines with how each change is applied; `format` says
 * how they are written. A `text` file is opaque and its change always needs `apply`.
 */
export type ConfigFile =
  | {
      readonly format: "ini";
      readonly path: string;
      readonly section: string;
      readonly settings: readonly Setting[];
    }
  | { readonly format: "directives"; readonly path: string; readonly settings: readonly Setting[] }
  | { readonly format: "text"; readonly path: string; readonly content: string; readonly apply: Apply };

export interface Volume {
  readonly name: string;
  readonly path: string;
  /** Size of the claim in bytes (Kubernetes); on Compose the host's disk is the limit. */
  readonly sizeBytes: number;
  /**
   * One volume under this common name: for all instances of the workload, and for any other workload that mounts it.
   * Where `access` is `read` the agent is its one writer.
   */
  readonly shared?: { readonly name: string; readonly access: "write" | "read" };
}

export interface Scratch {
  readonly path: string;
  readonly sizeBytes: number;
  /** Native libraries unpack and map code here. */
  readonly exec?: boolean;
}

/** A health check. How often it runs is the target's: it knows what starting a process in a container costs. */
export interface Probe {
  readonly command: readonly string[];
  readonly timeoutSeconds: number;
  readonly retries: number;
  /** Failures within this time from the start do not count. */
  readonly startSeconds: number;
}

export interface Resources {
  /** Hard limit of the container. */
  readonly memoryBytes: number;
  /** Limit in cores; may be a fraction. */
  readonly cpus: number;
  readonly pids: number;
  /** Open files wanted; a target asks for no more than its host can give. */
  readonly files: number;
  /** Maps of memory wanted (vm.max_map_count): the kernel's own setting, which no container changes. */
  readonly maps?: number;
}

export interface GeneratedSecret {
  readonly kind: "generated";
  readonly id: SecretId;
}

/** How a replaced certificate reaches the running server. */
export type RotateBy = "watch" | "command" | "roll";

export interface CertificateSecret {
  readonly kind: "certificate";
  /** The name of the holder: an instance, or a client such as `operator`. */
  readonly id: SecretId;
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly usage: readonly ("server" | "client")[];
  readonly rotate: RotateBy;
}

/** Provided by the operator as a file; mallstack never makes or changes it. */
export interface ExternalSecret {
  readonly kind: "external";
  readonly id: SecretId;
}

export type SecretRef = GeneratedSecret | CertificateSecret | ExternalSecret;

/**
 * What stands in `/secrets/<instance>/current/`. A certificate named `tls` gives `tls.crt`, `tls.key`, `tls.pem`
 * (both in one, key first) and `ca.crt` (every trusted CA); another secret gives the one file `file`.
 */
export interface SecretFile {
  readonly ref: SecretRef;
  readonly file: string;
}

/** A stable client address for whichever members hold the role. */
export interface Route {
  readonly name: string;
  readonly protocol: string;
  /** Port number clients use, on the endpoint's name. */
  readonly port: number;
  readonly hostPort: number;
  readonly members: readonly { readonly instance: InstanceName; readonly port: number }[];
  /**
   * Of a route to web servers: the path that a member answers with 200 as soon as it can serve. Without one whoever
   * takes a connection counts as ready.
   */
  readonly ready?: string;
  /** `any`: every ready member. A role: those members that hold it now, by the owning service's word. */
  readonly select: { readonly kind: "any" } | { readonly kind: "role"; readonly role: string };
}

/** What one observation saw. Plain data without a secret: it is shown in the status as it is. */
import type { InstanceName } from "../../plan/model.ts";
import type { ServedCertificate } from "../served-certificate.ts";

export interface MinioState {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** One for each instance of the plan, in its order. */
  readonly nodes: readonly NodeState[];
  /** What the nodes together say, read through the first that answers; or why it could not be read. */
  readonly cluster: Cluster | { readonly error: string };
}

export type NodeState =
  | {
      readonly instance: InstanceName;
      readonly up: true;
      readonly certificate: ServedCertificate;
      /** Drives that it reaches itself: one that has just started finds its peers one after the other. */
      readonly drives: number;
    }
  | { readonly instance: InstanceName; readonly up: false; readonly error: string };

export interface Cluster {
  readonly servers: readonly Server[];
  /** Drives of the one erasure set that may be lost. */
  readonly parity: number;
  readonly drivesPerSet: number;
  readonly sets: number;
  readonly buckets: readonly Bucket[];
  /** One for each account of the spec, in its order. */
  readonly accounts: readonly AccountState[];
  /** False while the servers run on with the root password of before a rotation. */
  readonly rootCurrent: boolean;
}

export interface AccountState {
  readonly name: string;
  /** In the form of `normalisedPolicy`; undefined when there is none. */
  readonly policy: string | undefined;
  readonly group:
    | { readonly members: readonly string[]; readonly enabled: boolean; readonly policy: string }
    | undefined;
  /** Access keys that should be there: the present secret's, and the previous one's in a rotation. */
  readonly keys: readonly Key[];
}

export interface Server {
  readonly instance: InstanceName;
  /** It answers us. */
  readonly online: boolean;
  /** Its drive as the asked node sees it. */
  readonly drive: string;
  readonly healing: boolean;
  readonly totalBytes: number;
  readonly usedBytes: number;
}

export type Versioning = "Enabled" | "Suspended" | "off";

export interface Bucket {
  readonly name: string;
  /** Undefined: there is no such bucket. */
  readonly versioning: Versioning | undefined;
  readonly quotaBytes: number | undefined;
  /** In the form of `wantedLifecycle`. */
  readonly lifecycle: string;
}

export interface Key {
  readonly accessKey: string;
  readonly is: "accepted" | "absent" | "refused";
  /** The server's own word where it is refused. */
  readonly read: string;
}

export const isRead = (cluster: MinioState["cluster"]): cluster is Cluster => !("error" in cluster);

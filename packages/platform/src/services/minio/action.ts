/** Everything the service can do to a cluster. No action deletes a bucket or an object. */
import type { ActionBase } from "../service.ts";

interface OnService extends ActionBase {
  readonly target: "service";
}

export interface BucketAction extends OnService {
  readonly kind: "create-bucket" | "enable-versioning" | "set-quota" | "set-lifecycle";
  readonly bucket: string;
}

export interface KeyAction extends OnService {
  /** `remove-key`: the access key of a secret that is no longer valid. */
  readonly kind: "set-key" | "join-group" | "remove-key";
  readonly account: string;
  readonly accessKey: string;
}

export interface RightsAction extends OnService {
  readonly kind: "set-policy" | "enable-group" | "set-group-policy";
  readonly account: string;
}

/** After a rotation of the root password: it is read at the start only, and all must have the same. */
export interface RestartServers extends OnService {
  readonly kind: "restart-servers";
}

export type MinioAction = BucketAction | KeyAction | RightsAction | RestartServers;

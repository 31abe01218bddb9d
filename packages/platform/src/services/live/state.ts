/** What one observation saw. Plain data without a secret: it is shown in the status as it is. */
import type { InstanceName } from "../../plan/model.ts";
import type { ServedCertificate } from "../served-certificate.ts";
import type { Kind } from "./names.ts";

export interface LiveState {
  /** One for each instance of the plan, in its order. */
  readonly instances: readonly InstanceState[];
}

export type InstanceState = InstanceUp | InstanceDown;

export interface InstanceDown {
  readonly instance: InstanceName;
  readonly kind: Kind;
  readonly up: false;
  readonly error: string;
}

export interface InstanceUp {
  readonly instance: InstanceName;
  readonly kind: Kind;
  readonly up: true;
  readonly certificate: ServedCertificate;
  /** Why it does not serve although it answers. */
  readonly problem: string | undefined;
  /** Of an ingest: streams that are live on it. */
  readonly streams: readonly string[];
  /** Of an edge: sessions within its window. */
  readonly viewers: number;
}

/** Whether an image that is wanted has to be made. Pure. */
import type { ImageSource } from "./inputs.ts";
import type { ImageRecord } from "./record.ts";

export interface Wanted {
  readonly stateful: boolean;
  readonly source: ImageSource;
  readonly inputsHash: string;
}

export type Decision =
  /** `outdated`: made from other inputs than this clone has; `mall upgrade` would replace it. */
  | { readonly kind: "keep"; readonly outdated: boolean }
  | {
      readonly kind: "build";
      /**
       * `first`: none was made yet. `gone`: the engine no longer has it. `source`: mall.yaml names another image, or
       * none any more. `inputs`: Dockerfile, scripts or bundle changed.
       */
      readonly reason: "first" | "gone" | "source" | "inputs";
    };

/**
 * A stateful image stays whatever changes in the clone or the suite: only the user's own word (another `images.<name>`
 * in mall.yaml, or `mall upgrade`) or its loss replaces it. One that was rolled back to stays as well.
 */
export function decideImage(wanted: Wanted, record: ImageRecord | undefined, present: boolean): Decision {
  if (record === undefined) return { kind: "build", reason: "first" };
  const { current } = record;
  if (current.source !== wanted.source) return { kind: "build", reason: "source" };
  if (!present) return { kind: "build", reason: "gone" };
  const outdated = current.inputsHash !== wanted.inputsHash;
  if (!outdated || wanted.stateful || record.pinned) return { kind: "keep", outdated };
  return { kind: "build", reason: "inputs" };
}

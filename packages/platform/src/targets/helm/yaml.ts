/** Kubernetes objects as Helm template text. */
import { stringify } from "yaml";

export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

const open = "@@helm:";
const close = ":helm@@";

/** A Helm expression that stands unquoted in the output, so that its value keeps its own type. */
export const helm = (expression: string): string => `${open}${expression}${close}`;

const marked = new RegExp(`(["']?)${open}(.*?)${close}\\1`, "g");

/** One or more objects as one template file. Undefined fields are left out. */
export function template(...objects: readonly Json[]): string {
  return objects
    .map((object) =>
      stringify(object, { lineWidth: 0, aliasDuplicateObjects: false, keepUndefined: false }).replace(
        marked,
        (_all, _quote, expression: string) => `{{ ${expression.replaceAll('\\"', '"')} }}`,
      ),
    )
    .join("---\n");
}

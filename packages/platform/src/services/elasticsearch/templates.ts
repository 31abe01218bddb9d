/** Index templates and cluster settings in the form in which the server answers them. Pure. */
import { formatDuration } from "../../spec/units.ts";
import { mark, templateName } from "./names.ts";
import { replicasOf, shardsOf } from "./sizing.ts";
import type { ElasticsearchSpec } from "./spec.ts";

export interface IndexTemplate {
  readonly name: string;
  readonly body: {
    readonly index_patterns: readonly string[];
    readonly priority: number;
    readonly _meta: typeof mark;
    readonly template: { readonly settings: { readonly index: Readonly<Record<string, unknown>> } };
  };
}

/** Above the server's own (100), below what an application may set for itself. */
const priority = 200;

export const templatesOf = (spec: ElasticsearchSpec): readonly IndexTemplate[] =>
  Object.entries(spec.templates).map(([name, template]) => ({
    name: templateName(name),
    body: {
      index_patterns: template.patterns,
      priority,
      _meta: mark,
      template: {
        settings: {
          index: {
            refresh_interval: formatDuration(template.refreshInterval),
            number_of_shards: `${shardsOf(template)}`,
            number_of_replicas: `${replicasOf(spec, template)}`,
          },
        },
      },
    },
  }));

/** Settings of the cluster as a whole, each as text. */
export const clusterSettings = (spec: ElasticsearchSpec): Readonly<Record<string, string>> => ({
  // `DELETE *` needs the names.
  "action.destructive_requires_name": "true",
  // Left behind by somebody's interrupted restart, copies would never be made again.
  "cluster.routing.allocation.enable": "all",
  ...Object.fromEntries(Object.entries(spec.settings).map(([key, value]) => [key, `${value}`])),
});

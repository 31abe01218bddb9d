/** The chart's own files: metadata, values with their schema, notes. */
import { stringify } from "yaml";
import { partOf } from "./names.ts";
import type { HelmInput } from "./render.ts";
import { helmWorkloads } from "./render.ts";

/** StatefulSet ordinals that do not begin at 0 are stable since this version. */
const kubernetesVersion = ">=1.31.0-0";

export function chartFiles(input: HelmInput): readonly (readonly [string, string])[] {
  return [
    ["Chart.yaml", chartYaml(input)],
    ["values.yaml", valuesYaml(input)],
    ["values.schema.json", `${JSON.stringify(valuesSchema(input), null, 2)}\n`],
    ["templates/_helpers.tpl", helpers],
    ["templates/NOTES.txt", notes(input)],
    [".helmignore", "*.orig\n*.tmp\n"],
  ];
}

const imageNames = (input: HelmInput): readonly string[] => [
  ...new Set(helmWorkloads(input.plan).map((workload) => workload.image.name)),
];

const chartYaml = (input: HelmInput): string =>
  stringify({
    apiVersion: "v2",
    name: input.plan.mall,
    description: "The external services of a mall, rendered by mallstack from mall.yaml.",
    type: "application",
    version: input.version,
    appVersion: input.version,
    kubeVersion: kubernetesVersion,
    annotations: partOf(input.plan.mall),
  });

function valuesYaml(input: HelmInput): string {
  const images = Object.fromEntries(
    imageNames(input).map((name) => [name, input.images[name] ?? `mallstack/${name}:latest`]),
  );
  return [
    "# What a cluster decides. Everything about the services themselves is in mall.yaml: change it there and",
    "# render again.",
    stringify({ images, imagePullPolicy: "IfNotPresent", imagePullSecrets: [], storageClass: null }),
    "# For volumes that several pods write to: a class that offers ReadWriteMany.",
    stringify({ sharedStorageClass: null }),
  ].join("\n");
}

function valuesSchema(input: HelmInput): unknown {
  const reference = { type: "string", minLength: 1 };
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    type: "object",
    additionalProperties: false,
    required: ["images", "imagePullPolicy", "imagePullSecrets"],
    properties: {
      images: {
        description: "Image references by image name; push what `mall images build` made to your registry.",
        type: "object",
        additionalProperties: false,
        required: imageNames(input),
        properties: Object.fromEntries(imageNames(input).map((name) => [name, reference])),
      },
      imagePullPolicy: { enum: ["Always", "IfNotPresent", "Never"] },
      imagePullSecrets: {
        type: "array",
        items: {
          type: "object",
          additionalProperties: false,
          required: ["name"],
          properties: { name: reference },
        },
      },
      storageClass: { description: "null: the cluster's default class", type: ["string", "null"] },
      sharedStorageClass: {
        description: "Offers ReadWriteMany; null: the cluster's default class",
        type: ["string", "null"],
      },
      // Helm itself adds this one to every chart's values.
      global: { type: "object" },
    },
  };
}

const helpers = `{{/* Digest of a workload's configuration files: list of the root context and the workload's name. */}}
{{- define "mall.configDigest" -}}
{{- $root := index . 0 -}}
{{- $workload := index . 1 -}}
{{- $text := "" -}}
{{- range $path, $bytes := $root.Files.Glob (printf "files/config/%s-*/**" $workload) -}}
{{- $text = printf "%s%s\\n%s\\n" $text $path (toString $bytes) -}}
{{- end -}}
{{- $text | sha256sum | trunc 16 | quote -}}
{{- end -}}
`;

const notes = (
  input: HelmInput,
): string => `The mall "${input.plan.mall}" is in namespace {{ .Release.Namespace }}.

Pods that are clients carry the label mallstack.io/client: ${input.plan.mall}
The namespace should enforce Pod Security: kubectl label namespace {{ .Release.Namespace }} pod-security.kubernetes.io/enforce=restricted
`;

/**
 * Helm and kubeconform for the chart's tests, built once from their Go modules into the state directory, and the
 * Kubernetes API's own schemas, made from the OpenAPI document that its module carries.
 */
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { stateHome } from "../../packages/platform/src/state.ts";

const kubernetes = "v1.36.3";
export const kubernetesVersion = kubernetes.slice(1);
const tools = {
  helm: "helm.sh/helm/v3/cmd/helm@v3.22.0",
  kubeconform: "github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0",
} as const;

export interface KubernetesTools {
  readonly helm: string;
  readonly kubeconform: string;
  /** Value of kubeconform's -schema-location. */
  readonly schemas: string;
}

export async function kubernetesTools(): Promise<KubernetesTools> {
  const folder = join(stateHome(), "tools");
  await mkdir(folder, { recursive: true });
  const [helm, kubeconform] = await Promise.all([build("helm", folder), build("kubeconform", folder)]);
  return { helm, kubeconform, schemas: await writeSchemas(folder) };
}

async function build(name: keyof typeof tools, folder: string): Promise<string> {
  const binary = join(folder, name);
  const stamp = `${binary}.from`;
  const from = await readFile(stamp, "utf8").catch(() => "");
  if (from === tools[name] && existsSync(binary)) return binary;
  await execa("go", ["install", "-ldflags=-s -w", tools[name]], { env: { GOBIN: folder, GOFLAGS: "" } });
  await writeFile(stamp, tools[name]);
  return binary;
}

type Schema = { [key: string]: unknown };

interface OpenApi {
  readonly definitions: Readonly<Record<string, Schema>>;
}

/** One file per kind, in the naming kubeconform looks for: `statefulset-apps-v1.json`. */
async function writeSchemas(folder: string): Promise<string> {
  const target = join(folder, `schemas-${kubernetes}`);
  const location = join(target, "{{ .ResourceKind }}{{ .KindSuffix }}.json");
  if (existsSync(target)) return location;
  const { stdout } = await execa("go", ["mod", "download", "-json", `k8s.io/kubernetes@${kubernetes}`], {
    cwd: folder,
    env: { GOFLAGS: "" },
  });
  const { Dir } = JSON.parse(stdout) as { readonly Dir: string };
  const swagger = JSON.parse(await readFile(join(Dir, "api/openapi-spec/swagger.json"), "utf8")) as OpenApi;
  const strict = Object.fromEntries(
    Object.entries(swagger.definitions).map(([name, schema]) => [name, strictly(name, schema)]),
  );
  const unfinished = `${target}.${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  for (const [name, schema] of Object.entries(swagger.definitions)) {
    const kinds = schema["x-kubernetes-group-version-kind"] as
      | readonly { group: string; version: string; kind: string }[]
      | undefined;
    // A definition of several kinds (DeleteOptions) is no object that a chart could hold.
    const [kind, ...more] = kinds ?? [];
    if (kind === undefined || more.length > 0) continue;
    const group = kind.group === "" ? "" : `-${kind.group.split(".")[0]}`;
    const file = `${kind.kind.toLowerCase()}${group}-${kind.version}.json`;
    const definitions = reachable(name, strict);
    await writeFile(join(unfinished, file), JSON.stringify({ $ref: `#/definitions/${name}`, definitions }));
  }
  await rename(unfinished, target);
  return location;
}

/** Unknown fields are errors; a field that may be left out may also be null, as the API server has it. */
function strictly(name: string, schema: Schema): Schema {
  if (name.endsWith("IntOrString")) return { oneOf: [{ type: "string" }, { type: "integer" }] };
  if (name.endsWith("resource.Quantity")) return { oneOf: [{ type: "string" }, { type: "number" }] };
  const properties = schema.properties as Readonly<Record<string, Schema>> | undefined;
  if (properties === undefined) return schema;
  const required = new Set((schema.required as readonly string[] | undefined) ?? []);
  return {
    ...schema,
    properties: Object.fromEntries(
      Object.entries(properties).map(([key, value]) => [
        key,
        required.has(key) ? value : { anyOf: [value, { type: "null" }] },
      ]),
    ),
    additionalProperties: false,
  };
}

function reachable(name: string, all: Readonly<Record<string, Schema>>): Readonly<Record<string, Schema>> {
  const found = new Map<string, Schema>();
  const visit = (one: string): void => {
    const schema = all[one];
    if (schema === undefined || found.has(one)) return;
    found.set(one, schema);
    for (const [, next] of JSON.stringify(schema).matchAll(/"#\/definitions\/([^"]+)"/g)) visit(next ?? "");
  };
  visit(name);
  return Object.fromEntries(found);
}

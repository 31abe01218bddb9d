/** The rendered chart against Helm itself and against the API schemas of the Kubernetes it is made for. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultMall } from "../../packages/platform/src/services/mall-schema.ts";
import { planMall } from "../../packages/platform/src/services/plan-mall.ts";
import { renderHelm } from "../../packages/platform/src/targets/helm/render.ts";
import { type KubernetesTools, kubernetesTools, kubernetesVersion } from "../support/kubernetes-tools.ts";

let tools: KubernetesTools;
let folder = "";
const chart = () => join(folder, "chart");

beforeAll(async () => {
  tools = await kubernetesTools();
  folder = await mkdtemp(join(tmpdir(), "mall-chart-"));
  const plan = planMall(defaultMall({ profile: "small" }));
  for (const [path, content] of renderHelm({ plan, version: "0.1.0", images: {} })) {
    const target = join(chart(), path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
  }
}, 600_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const conform = (objects: string) =>
  execa(
    tools.kubeconform,
    ["-strict", "-summary", "-output", "json", "-schema-location", tools.schemas, "-"],
    {
      input: objects,
      reject: false,
    },
  );

/** What the chart becomes; rejects when Helm refuses it. */
const templated = () => execa(tools.helm, templateArguments());
const templateArguments = () => ["template", "mall", chart(), "--kube-version", kubernetesVersion];

describe("the chart", () => {
  it("passes helm lint --strict", async () => {
    const { stdout } = await execa(tools.helm, ["lint", "--strict", chart()]);
    expect(stdout).toContain("1 chart(s) linted, 0 chart(s) failed");
  });

  it("templates to objects that the API's own schemas accept strictly", async () => {
    const { stdout } = await templated();
    const checked = await conform(stdout);
    expect(JSON.parse(checked.stdout)).toMatchObject({ summary: { invalid: 0, errors: 0, skipped: 0 } });
    expect(JSON.parse(checked.stdout).summary.valid).toBeGreaterThan(10);
  });

  it("is refused by those schemas when a field is misspelt, so the check can fail", async () => {
    const { stdout } = await templated();
    const checked = await conform(stdout.replace("serviceName:", "serviceNane:"));
    expect(JSON.parse(checked.stdout).summary.invalid).toBe(1);
  });

  it("refuses values that its schema does not know", async () => {
    const refused = await execa(tools.helm, [...templateArguments(), "--set", "imagePullPolice=Never"], {
      reject: false,
    });
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stderr).toContain("imagePullPolice");
  });

  it("carries the configuration files unchanged into the ConfigMaps", async () => {
    const { stdout } = await templated();
    const { parseAllDocuments } = await import("yaml");
    const maps = parseAllDocuments(stdout)
      .map((d) => d.toJS() as { kind: string; data?: Readonly<Record<string, string>> })
      .filter((object) => object.kind === "ConfigMap");
    let compared = 0;
    for (const map of maps) {
      for (const [key, value] of Object.entries(map.data ?? {})) {
        expect(value).toBe(await readFile(join(chart(), "files/config", key.replace("__", "/")), "utf8"));
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(5);
  });
});

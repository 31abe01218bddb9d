/**
 * One suite for every service on both targets: what a container of ours must be, whatever runs in it.
 * A new service is held to it by being in the registry.
 */
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import type { MallPlan } from "../../packages/platform/src/plan/model.ts";
import { instancesOn, secretsDir } from "../../packages/platform/src/plan/names.ts";
import { defaultMall } from "../../packages/platform/src/services/mall-schema.ts";
import { planMall } from "../../packages/platform/src/services/plan-mall.ts";
import { services } from "../../packages/platform/src/services/registry.ts";
import { profileNames } from "../../packages/platform/src/spec/site.ts";
import { renderCompose } from "../../packages/platform/src/targets/compose/render.ts";
import { renderHelm } from "../../packages/platform/src/targets/helm/render.ts";

type Node = Readonly<Record<string, unknown>>;

const composeOf = (plan: MallPlan) =>
  renderCompose({ plan, bind: "127.0.0.1", images: {}, mallId: "id", maxFiles: 20_000 });

const composeServices = (plan: MallPlan): Readonly<Record<string, Node>> =>
  parse(composeOf(plan).files.get("compose.yaml") ?? "").services;

/** Helm's own expressions stand for one scalar each. */
const helmObjects = (plan: MallPlan): readonly Node[] =>
  [...renderHelm({ plan, version: "0.1.0", images: {} })]
    .filter(([path]) => path.startsWith("templates/") && path.endsWith(".yaml"))
    .flatMap(([, content]) =>
      parseAllDocuments(content.replaceAll(/\{\{.*?\}\}/g, "expression")).map((d) => d.toJS()),
    );

for (const profile of profileNames) {
  const mall = defaultMall({ profile });
  const plan = planMall(mall);
  for (const service of services) {
    const own = instancesOn(plan, "compose").filter((found) => found.service === service.name);
    describe(`${service.name}, ${profile}, on Compose`, () => {
      const rendered = composeServices(plan);
      it.each(own.map((found) => [found.instance.name, found] as const))("%s is confined", (name, found) => {
        const container = rendered[name] ?? {};
        expect(container.read_only).toBe(true);
        expect(container.cap_drop).toEqual(["ALL"]);
        expect(container.cap_add).toBeUndefined();
        expect(container.privileged).toBeUndefined();
        expect(container.security_opt).toContain("no-new-privileges=true");
        expect(container.user).toBe(`${found.workload.user.uid}:${found.workload.user.gid}`);
        expect(found.workload.user.uid).toBeGreaterThan(0);
        expect(container.mem_limit).toBeGreaterThan(0);
        expect(container.memswap_limit).toBe(container.mem_limit);
        expect(container.cpus).toBeGreaterThan(0);
        expect(container.pids_limit).toBeGreaterThan(0);
        expect((container.healthcheck as Node).test).toContain("CMD");
        expect((container.logging as Node).options).toHaveProperty("max-size");
        expect(container.restart).toBe("unless-stopped");
        expect(JSON.stringify(container)).not.toContain("docker.sock");
      });
      it("publishes on the bind address only, each host port once", () => {
        const published = own.flatMap(
          (found) => (rendered[found.instance.name]?.ports ?? []) as readonly Node[],
        );
        expect(published.every((p) => p.host_ip === "127.0.0.1")).toBe(true);
        const all = instancesOn(plan, "compose").flatMap((f) => f.instance.published.map((p) => p.hostPort));
        expect(new Set(all).size).toBe(all.length);
        expect(all.every((p) => p >= mall.site.portBase && p < mall.site.portBase + 1000)).toBe(true);
      });
      it("has a certificate with its own address for every port that speaks TLS", () => {
        for (const { workload, instance } of own) {
          if (workload.ports.length === 0) continue;
          const names = instance.secrets.flatMap((s) => (s.ref.kind === "certificate" ? s.ref.dnsNames : []));
          expect(names).toContain(`${instance.name}.${workload.name}`);
          expect(names).toContain("localhost");
        }
      });
      it("keeps every file of its configuration in the rendered folder, and names secrets by its own folder", () => {
        const { files } = composeOf(plan);
        for (const { instance } of own) {
          for (const file of instance.files) {
            const content = files.get(`config/${instance.name}/${file.path}`);
            expect(content).toBeDefined();
            for (const [path] of (content ?? "").matchAll(/\/secrets\/[a-z0-9-]+\/current/g)) {
              expect(path).toBe(secretsDir(instance.name));
            }
          }
        }
      });
      it("is on disk only where it says it holds state", () => {
        for (const { workload } of own) {
          const data = workload.volumes.filter((v) => v.shared === undefined);
          if (workload.stateful) expect(data.length).toBeGreaterThan(0);
        }
      });
    });

    const workloads = [
      ...new Set(
        instancesOn(plan, "kubernetes")
          .filter((f) => f.service === service.name)
          .map((f) => f.workload),
      ),
    ];
    if (workloads.length === 0) continue;
    describe(`${service.name}, ${profile}, on Kubernetes`, () => {
      const objects = helmObjects(plan);
      const named = (kind: string, name: string): Node =>
        objects.find((o) => o.kind === kind && (o.metadata as Node).name === name) ?? {};
      it.each(workloads.map((w) => [w.name, w] as const))(
        "%s meets Pod Security restricted",
        (name, workload) => {
          const pod = (((named("StatefulSet", name).spec as Node).template as Node).spec ?? {}) as Node;
          const [container = {}] = pod.containers as readonly Node[];
          expect(pod.securityContext).toMatchObject({
            runAsNonRoot: true,
            runAsUser: workload.user.uid,
            fsGroup: workload.user.gid,
            seccompProfile: { type: "RuntimeDefault" },
          });
          expect(container.securityContext).toEqual({
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          });
          expect(pod.hostNetwork).toBeUndefined();
          expect((container.resources as Node).limits).toMatchObject({
            memory: String(workload.resources.memoryBytes),
          });
          expect(container.readinessProbe).toBeDefined();
          expect(container.startupProbe).toBeDefined();
        },
      );
      it.each(workloads.map((w) => [w.name, w] as const))(
        "%s keeps order, data and names",
        (name, workload) => {
          const set = named("StatefulSet", name).spec as Node;
          expect(set.replicas).toBe(workload.instances.length);
          expect(set.ordinals).toEqual({ start: 1 });
          expect(set.updateStrategy).toEqual({ type: "OnDelete" });
          const claims = (set.volumeClaimTemplates as readonly Node[]).map((c) => (c.metadata as Node).name);
          const pod = ((set.template as Node).spec ?? {}) as Node;
          const common = (pod.volumes as readonly Node[]).flatMap((v) => {
            const claim = v.persistentVolumeClaim as Node | undefined;
            return claim === undefined ? [] : [{ name: v.name, claim: String(claim.claimName) }];
          });
          expect([...claims, ...common.map((c) => c.name)].sort()).toEqual(
            workload.volumes.map((v) => v.name).sort(),
          );
          for (const { claim } of common)
            expect((named("PersistentVolumeClaim", claim).spec as Node).accessModes).toEqual([
              "ReadWriteMany",
            ]);
          expect((named("Service", name).spec as Node).clusterIP).toBe("None");
          expect(named("ServiceAccount", name)).toMatchObject({ automountServiceAccountToken: false });
          expect(named("NetworkPolicy", name).kind).toBe("NetworkPolicy");
        },
      );
    });
  }
}

describe("both targets", () => {
  const plan = planMall(defaultMall({ profile: "small" }));
  it("give their servers the same configuration, byte for byte", () => {
    const compose = composeOf(plan).files;
    const helm = renderHelm({ plan, version: "0.1.0", images: {} });
    const files = instancesOn(plan, "kubernetes").flatMap(({ instance }) =>
      instance.files.map((file) => `${instance.name}/${file.path}`),
    );
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect(helm.get(`files/config/${file}`)).toBe(compose.get(`config/${file}`));
  });
  it("render the same bytes twice", () => {
    const again = planMall(defaultMall({ profile: "small" }));
    expect([...composeOf(again).files]).toEqual([...composeOf(plan).files]);
    const helm = (p: MallPlan) => [...renderHelm({ plan: p, version: "0.1.0", images: {} })];
    expect(helm(again)).toEqual(helm(plan));
  });
});

/** What a plan asks of the store: every secret once, whoever refers to it. Pure. */
import type { CertificateSecret, InstanceName, MallPlan, SecretId, SecretRef } from "../plan/model.ts";
import { instancesOf } from "../plan/names.ts";

export interface WantedSecrets {
  readonly generated: readonly SecretId[];
  readonly certificates: readonly CertificateSecret[];
  readonly external: readonly SecretId[];
}

/** Ids become file names; the suffix is that of a value before its rotation. */
const idPattern = /^[a-z0-9][a-z0-9._-]{0,99}$/;

export function wantedSecrets(plan: MallPlan): WantedSecrets {
  const refs = new Map<string, SecretRef>();
  for (const ref of refsOf(plan)) {
    if (!idPattern.test(ref.id) || ref.id.endsWith(".previous")) {
      throw new Error(`not usable as the id of a secret: ${ref.id}`);
    }
    const key = ref.kind === "certificate" ? `certificate ${ref.id}` : `value ${ref.id}`;
    const known = refs.get(key);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(ref)) {
      throw new Error(`two different secrets have the id ${ref.id}`);
    }
    refs.set(key, ref);
  }
  const all = [...refs.values()];
  return {
    generated: all.flatMap((ref) => (ref.kind === "generated" ? [ref.id] : [])),
    certificates: all.flatMap((ref) => (ref.kind === "certificate" ? [ref] : [])),
    external: all.flatMap((ref) => (ref.kind === "external" ? [ref.id] : [])),
  };
}

const refsOf = (plan: MallPlan): readonly SecretRef[] => [
  ...instancesOf(plan).flatMap(({ instance }) => instance.secrets.map((file) => file.ref)),
  ...plan.services.flatMap((service) => [...service.credentials, ...(service.clients ?? [])]),
];

/** The certificate that each instance serves: the one its folder has as `tls`. */
export function servedCertificates(plan: MallPlan): ReadonlyMap<InstanceName, CertificateSecret> {
  return new Map(
    instancesOf(plan).flatMap(({ instance }) => {
      const tls = instance.secrets.find((file) => file.file === "tls")?.ref;
      return tls?.kind === "certificate" && tls.usage.includes("server")
        ? [[instance.name, tls] as const]
        : [];
    }),
  );
}

/** Instances whose folder holds this secret; the holder of all credentials is named too. */
export function holdersOf(plan: MallPlan, id: SecretId): readonly InstanceName[] {
  const isCredential = plan.services.some((service) => service.credentials.some((one) => one.id === id));
  return instancesOf(plan).flatMap(({ instance }) =>
    instance.secrets.some((file) => file.ref.id === id) || (isCredential && instance.allCredentials === true)
      ? [instance.name]
      : [],
  );
}

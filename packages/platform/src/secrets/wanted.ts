/** What a plan asks of the store: every secret once, whoever refers to it. Pure. */
import type {
  CertificateSecret,
  Instance,
  InstanceName,
  MallPlan,
  SecretId,
  SecretRef,
  ServicePlan,
} from "../plan/model.ts";
import { instancesOf } from "../plan/names.ts";

export interface WantedSecrets {
  readonly generated: readonly SecretId[];
  readonly certificates: readonly CertificateSecret[];
  readonly external: readonly SecretId[];
}

/** Ids become file names; the suffixes are those of a value before and after its rotation. */
const idPattern = /^[a-z0-9][a-z0-9._-]{0,99}$/;
const reservedSuffix = /\.(previous|next)$/;

export function wantedSecrets(plan: MallPlan): WantedSecrets {
  const refs = new Map<string, SecretRef>();
  for (const ref of refsOf(plan)) {
    if (!idPattern.test(ref.id) || reservedSuffix.test(ref.id)) {
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

/**
 * Whether this instance is of those that accept the secret, not of those that present it: it belongs to the service
 * whose user it is, or keeps that user. One that no service calls its own is accepted by whoever holds it.
 */
export function isAccepting(plan: MallPlan, instance: Instance, id: SecretId): boolean {
  const isOf = (service: ServicePlan) => service.credentials.some((one) => one.id === id);
  const own = plan.services.find((service) =>
    service.workloads.some((workload) => workload.instances.some((one) => one.name === instance.name)),
  );
  return instance.allCredentials === true || (own !== undefined && isOf(own)) || !plan.services.some(isOf);
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

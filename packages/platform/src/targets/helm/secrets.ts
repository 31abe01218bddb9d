/** Which files an instance's Secret holds, by the plan alone. */
import type { Instance, MallPlan, SecretFile } from "../../plan/model.ts";
import { credentialsFolder, fingerprintsFile, previousSuffix } from "../../plan/names.ts";

/** Paths below `current/`; those of previous passwords included, which exist only during a rotation. */
export function secretPaths(plan: MallPlan, instance: Instance): readonly string[] {
  const all = instance.allCredentials === true ? credentialPaths(plan) : [];
  const own = [...instance.secrets.flatMap(pathsOf), ...all];
  const withCa = instance.secrets.some((s) => s.ref.kind === "certificate") ? ["ca.crt", ...own] : own;
  return [...new Set(withCa)];
}

function pathsOf(secret: SecretFile): readonly string[] {
  switch (secret.ref.kind) {
    case "certificate":
      return [`${secret.file}.crt`, `${secret.file}.key`, `${secret.file}.pem`];
    case "generated":
      return [secret.file, `${secret.file}${previousSuffix}`];
    case "external":
      return [secret.file];
  }
}

const credentialPaths = (plan: MallPlan): readonly string[] => [
  fingerprintsFile,
  ...plan.services.flatMap((service) =>
    service.credentials.flatMap(({ id }) => [
      `${credentialsFolder}/${id}`,
      `${credentialsFolder}/${id}${previousSuffix}`,
    ]),
  ),
];

/** Which files an instance's Secret holds, by the plan alone. */
import type { Instance, SecretFile } from "../../plan/model.ts";
import { previousSuffix } from "../../plan/names.ts";

/** Paths below `current/`; those of previous passwords included, which exist only during a rotation. */
export function secretPaths(instance: Instance): readonly string[] {
  const own = instance.secrets.flatMap(pathsOf);
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

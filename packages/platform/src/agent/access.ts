/** Who may ask what of the agent's API: by the common name of the client certificate, which the mall's CA signed. */

/** `alive`: that it runs. `metrics`: its figures. `read`: status, events. `act`: everything that changes or loads servers. */
export type Scope = "alive" | "metrics" | "read" | "act";

const scopes: Readonly<Record<string, readonly Scope[]>> = {
  /** The command line on the host. */
  operator: ["alive", "metrics", "read", "act"],
  /** Its own health probe. */
  agent: ["alive"],
  /** The metrics' collector. */
  prometheus: ["alive", "metrics"],
};

/** Any other certificate of the mall's CA, a server's for instance, opens nothing. */
export const mayAsk = (commonName: string | undefined, scope: Scope): boolean =>
  commonName !== undefined && Object.hasOwn(scopes, commonName) && (scopes[commonName] ?? []).includes(scope);

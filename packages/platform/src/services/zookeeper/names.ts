/** Every name that two parts of this service agree on: instances, ports, files, who may be a client. */
import type { InstanceName } from "../../plan/model.ts";
import { dataDir, instanceName, runDir } from "../../plan/names.ts";

export const serviceName = "zookeeper";
export const workloadName = "zookeeper";

export const nodeName = (index: number): InstanceName => instanceName(workloadName, index);

export const ports = {
  client: { name: "client", number: 2281 },
  quorum: { name: "quorum", number: 2888 },
  election: { name: "election", number: 3888 },
} as const;

export const configFile = "zoo.cfg";
export const jvmFile = "jvm.options";

export const dirs = { snapshots: `${dataDir}/snapshots`, log: `${dataDir}/log` } as const;

/** The entrypoint copies the instance's keys here and again when they change: the server watches this folder. */
export const watchedKeys = { keys: `${runDir}/tls/tls.pem`, authorities: `${runDir}/tls/ca.crt` } as const;

/**
 * Of the holders of certificates of the mall's CA those that are let in, by a DNS name or the common name of theirs:
 * the brokers, which all carry one name so that each may change what another wrote, the agent and the operator that look, and the
 * nodes themselves for their probe.
 */
export const brokersName = "kafka";
export const knownClients = [brokersName, "agent", "operator", workloadName] as const;

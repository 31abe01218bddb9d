/** Names that Compose objects of a mall carry. */
import type { InstanceName } from "../../plan/model.ts";

/** Compose project of a mall; every container, volume and network begins with it. */
export const projectName = (mall: string): string => `mall-${mall}`;

export const containerName = (mall: string, instance: InstanceName): string =>
  `${projectName(mall)}-${instance}`;

export const networkName = (mall: string): string => projectName(mall);

export const volumeName = (mall: string, instance: InstanceName, volume: string): string =>
  `${projectName(mall)}_${instance}-${volume}`;

export const sharedVolumeName = (mall: string, shared: string): string => `${projectName(mall)}_${shared}`;

/** Labels by which `up` recognises what it made and whether it is current. */
export const labels = {
  mall: "io.mallstack.mall",
  /** Identity of the mall's state: volumes of another mall of the same name carry another. */
  id: "io.mallstack.id",
  service: "io.mallstack.service",
  instance: "io.mallstack.instance",
  /** Digest of everything whose change needs a new container. */
  definition: "io.mallstack.definition",
  /** On those that must have stopped before others are. */
  stopsFirst: "io.mallstack.stops-first",
} as const;

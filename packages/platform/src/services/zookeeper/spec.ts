/** `services.zookeeper` of mall.yaml: the quorum that the brokers keep their cluster's state in. */
import { z } from "zod";
import type { ProfileName } from "../../spec/site.ts";
import { bytes, cores, milliseconds } from "../../spec/units.ts";

export const zookeeperSpec = z.strictObject({
  memory: bytes().prefault("512Mi").describe("Memory limit of each node; the heap follows from it"),
  cpus: cores().default(2).describe("Limit in cores of each node; starting takes more than running"),
  storage: bytes().prefault("2Gi").describe("Size of each node's volume claim (Kubernetes)"),
  nodes: z
    .number()
    .int()
    .min(1)
    .max(9)
    .default(3)
    .describe("Members of the quorum; it goes on while more than half of them do"),
  tickTime: milliseconds()
    .prefault("2s")
    .describe("The ensemble's unit of time: sessions end after 2 to 20 of it without a heartbeat"),
  snapshotsKept: z
    .number()
    .int()
    .min(3)
    .max(100)
    .default(5)
    .describe("Snapshots, and the logs since, that are kept on the disk"),
});

export type ZookeeperSpec = z.output<typeof zookeeperSpec>;

/** What a profile sets where the user says nothing. */
export const zookeeperProfiles: Readonly<Record<ProfileName, z.input<typeof zookeeperSpec>>> = {
  small: { memory: "256Mi", storage: "1Gi" },
  standard: {},
  production: { memory: "1Gi", storage: "10Gi" },
};

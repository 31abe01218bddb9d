/** Observations for tests: a cluster as it should be, to be changed by the test. */
import type { Cluster, ElasticsearchState, NodeUp } from "../state.ts";

export const instances = ["elasticsearch-1", "elasticsearch-2", "elasticsearch-3"] as const;

export const nodeUp = (index: number): NodeUp => ({
  instance: instances[index - 1] ?? "",
  up: true,
  version: "7.10.2",
  clusterUuid: "one",
  master: instances[0],
  roles:
    [
      ["ingest", "master"],
      ["data", "ingest", "master"],
      ["data", "master"],
    ][index - 1] ?? [],
  heapBytes: 2 ** 29,
  initialHeapBytes: 2 ** 29,
  compressedOops: true,
  fielddataCacheSize: "20%",
  mapsFiles: true,
  checked: true,
  openFiles: 65_535,
  plugins: ["analysis-smartcn"],
  startedAt: 1_000,
  certificate: { served: { fingerprint: "aa" }, wanted: "aa" },
});

export const cluster: Cluster = {
  askedOf: instances[0],
  uuid: "one",
  master: instances[0],
  members: instances,
  status: "green",
  unassigned: 0,
  delayed: 0,
  wantTooMany: [],
  notGreen: [],
  wrongSettings: [],
  wrongTemplates: [],
  wrongRoles: [],
  users: {
    wrong: [],
    passwords: [
      { user: "app", builtIn: false, present: "all", other: undefined },
      { user: "elastic", builtIn: true, present: "all", other: undefined },
    ],
  },
  surplus: [],
  repository: undefined,
  exclusions: [],
  restart: undefined,
};

export const well: ElasticsearchState = {
  at: 10_000,
  nodes: [nodeUp(1), nodeUp(2), nodeUp(3)],
  cluster,
  clusterError: undefined,
};

export const withCluster = (part: Partial<Cluster>): ElasticsearchState => ({
  ...well,
  cluster: { ...cluster, ...part },
});

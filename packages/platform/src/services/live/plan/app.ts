/** The application's instances and its live.json. Pure. */
import type { Instance, InstanceName, ServicePlan, Workload } from "../../../plan/model.ts";
import { routeAddress, runDir } from "../../../plan/names.ts";
import type { Site } from "../../../spec/site.ts";
import { healthcheck } from "../../healthcheck.ts";
import {
  addressOf,
  database,
  files,
  hostPortOffsets,
  namesOf,
  ports,
  routeNames,
  rtmpApplication,
  secrets,
} from "../names.ts";
import type { LiveSpec } from "../spec.ts";
import { certificate, common, generated, livekitServer, MiB } from "./common.ts";
import { storesOf } from "./stores.ts";

interface Addresses {
  readonly publicUrl: string;
  readonly pushUrl: string;
  readonly pushUrlTls: string;
}

/** What the user says, else this machine's own ports. */
function addressesOf(spec: LiveSpec, site: Site): Addresses {
  const at = (offset: number): string => `localhost:${site.portBase + offset}`;
  return {
    publicUrl: spec.publicUrl ?? `https://${at(hostPortOffsets.https)}`,
    pushUrl: spec.pushUrl ?? `rtmp://${at(hostPortOffsets.rtmp)}/${rtmpApplication}`,
    pushUrlTls: spec.pushUrlTls ?? `rtmps://${at(hostPortOffsets.rtmps)}/${rtmpApplication}`,
  };
}

export function app(spec: LiveSpec, site: Site, others: readonly ServicePlan[]): Workload {
  const kind = "app";
  const stores = storesOf(others);
  const content = (): string =>
    `${JSON.stringify(
      {
        mysql: {
          host: routeAddress("mysql-primary"),
          port: 3306,
          serverName: "mysql-primary",
          database: database.name,
          user: database.account,
        },
        ...stores.sections,
        ...(spec.auctions.enabled ? { livekit: livekitServer() } : {}),
        edges: namesOf("edge").map((edge) => {
          const host = addressOf("edge", edge);
          return { host, port: ports.status.number, serverName: host };
        }),
        ...addressesOf(spec, site),
        playTtlSeconds: Math.round(spec.playTtl / 1000),
        replays: spec.replays,
      },
      null,
      2,
    )}\n`;
  const instance = (name: InstanceName, index: number): Instance => ({
    name,
    index,
    files: [{ format: "text", path: files.app, content: content(), apply: "restart" }],
    environment: {},
    secrets: [
      { file: "tls", ref: certificate(kind, name, [routeNames.app]) },
      ...[secrets.mysql, secrets.seal, secrets.play, secrets.token].map(generated),
      ...(spec.auctions.enabled ? [generated(secrets.livekit)] : []),
      ...stores.secrets,
    ],
    published: [],
  });
  return {
    ...common(spec, site, kind),
    instances: namesOf(kind).map((name, i) => instance(name, i + 1)),
    ports: [{ ...ports.https, encryption: "tls", protocol: "https", audience: "clients" }],
    scratch: [
      { path: runDir, sizeBytes: 4 * MiB },
      { path: "/tmp", sizeBytes: 16 * MiB },
    ],
    health: healthcheck(30),
    stopGraceSeconds: 15,
  };
}

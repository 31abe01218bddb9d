/** Two ingests, two edges and two instances of the application, each pair behind a name, and LiveKit. Pure. */
import type { Port, Route, ServicePlan } from "../../plan/model.ts";
import type { Site } from "../../spec/site.ts";
import { hostPortOffsets, type Kind, namesOf, ports, routeNames, secrets, serviceName } from "./names.ts";
import { app } from "./plan/app.ts";
import { edge } from "./plan/edge.ts";
import { ingest } from "./plan/ingest.ts";
import { livekit } from "./plan/livekit.ts";
import type { LiveSpec } from "./spec.ts";

const route = (
  site: Site,
  kind: Kind,
  key: keyof typeof routeNames,
  port: Pick<Port, "number">,
  own: number,
  offset: number,
  protocol: string,
): Route => ({
  name: routeNames[key],
  protocol,
  port: own,
  hostPort: site.portBase + offset,
  members: namesOf(kind).map((instance) => ({ instance, port: port.number })),
  select: { kind: "any" },
});

/** Pure: same spec, same bytes. */
export const planLive = (spec: LiveSpec, site: Site, others: readonly ServicePlan[]): ServicePlan => ({
  service: serviceName,
  workloads: [
    app(spec, site, others),
    ingest(spec, site, others),
    edge(spec, site),
    ...(spec.auctions.enabled ? [livekit(spec, site)] : []),
  ],
  routes: [
    route(site, "ingest", "rtmp", ports.rtmp, 1935, hostPortOffsets.rtmp, "rtmp"),
    route(site, "ingest", "rtmps", ports.rtmps, 1936, hostPortOffsets.rtmps, "rtmps"),
    route(site, "edge", "edge", ports.https, 443, hostPortOffsets.https, "https"),
    { ...route(site, "app", "app", ports.https, 8449, hostPortOffsets.app, "https"), ready: "/ready" },
  ],
  credentials: [
    ...[secrets.play, secrets.seal, secrets.token],
    ...(spec.auctions.enabled ? [secrets.livekit] : []),
  ].map(({ id }) => ({ kind: "generated", id })),
});

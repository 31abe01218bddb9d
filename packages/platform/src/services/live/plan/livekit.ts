/** LiveKit, which carries sound and picture of auctions. Pure. */
import { stringify } from "yaml";
import type { Instance, InstanceName, Workload } from "../../../plan/model.ts";
import { runDir } from "../../../plan/names.ts";
import type { Site } from "../../../spec/site.ts";
import { healthcheck } from "../../healthcheck.ts";
import { files, hostPortOffsets, mediaPorts, namesOf, ports, secrets, workloadNames } from "../names.ts";
import { livekitHeapBytes } from "../sizing.ts";
import type { LiveSpec } from "../spec.ts";
import { certificate, common, generated, MiB } from "./common.ts";

/** Address that browsers send sound and picture to; undefined: the site is open to networks and nobody said which. */
export const mediaAddress = (spec: LiveSpec, { bind }: Site): string | undefined =>
  spec.auctions.address ?? (bind === "0.0.0.0" || bind === "::" ? undefined : bind);

/** What is asked of LiveKit itself, behind the TLS of its container. */
const innerPort = 7890;
const loopback = "127.0.0.1";

const mediaNumbers = ({ portBase }: Site) => ({
  udp: portBase + hostPortOffsets.mediaUdp,
  tcp: portBase + hostPortOffsets.mediaTcp,
});

/** livekit.yaml (github.com/livekit/livekit, config-sample.yaml of 1.13). */
function configuration(spec: LiveSpec, site: Site): string {
  const numbers = mediaNumbers(site);
  return stringify({
    port: innerPort,
    bind_addresses: [loopback],
    rtc: {
      udp_port: numbers.udp,
      tcp_port: numbers.tcp,
      // Said, not found out: the container's own address means nothing outside, and no server of strangers is asked.
      use_external_ip: false,
      node_ip: mediaAddress(spec, site) ?? loopback,
    },
    // A room is there when the application has made it, and who was shown out cannot make it again.
    room: { auto_create: false, empty_timeout: 300, departure_timeout: 60 },
    logging: { json: true, level: "warn" },
  });
}

export function livekit(spec: LiveSpec, site: Site): Workload {
  const kind = "livekit";
  const numbers = mediaNumbers(site);
  const instance = (name: InstanceName, index: number): Instance => ({
    name,
    index,
    files: [{ format: "text", path: files.livekit, content: configuration(spec, site), apply: "restart" }],
    environment: { GOMEMLIMIT: `${livekitHeapBytes(spec)}` },
    secrets: [
      { file: "tls", ref: certificate(kind, name, [workloadNames.livekit]) },
      generated(secrets.livekit),
    ],
    published: [
      { port: mediaPorts.udp, hostPort: numbers.udp },
      { port: mediaPorts.tcp, hostPort: numbers.tcp },
    ],
  });
  const media = { encryption: "dtls", protocol: "webrtc", audience: "clients" } as const;
  return {
    ...common(spec, site, kind),
    instances: namesOf(kind).map((name, i) => instance(name, i + 1)),
    ports: [
      { ...ports.signal, encryption: "tls", protocol: "https", audience: "clients" },
      { ...media, name: mediaPorts.udp, number: numbers.udp, transport: "udp" },
      { ...media, name: mediaPorts.tcp, number: numbers.tcp },
    ],
    scratch: [
      { path: runDir, sizeBytes: 4 * MiB },
      { path: "/tmp", sizeBytes: 16 * MiB },
    ],
    health: healthcheck(30),
    stopGraceSeconds: 15,
  };
}

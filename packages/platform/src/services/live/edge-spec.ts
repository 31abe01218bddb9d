/** What a live edge's nginx.conf is made from. */

export interface EdgeServer {
  /** Name by which the network knows it; its address is asked again while nginx runs. */
  readonly host: string;
  readonly port: number;
}

export interface EdgeUpstream {
  /** Name that each server's certificate carries beside its own. */
  readonly name: string;
  readonly servers: readonly EdgeServer[];
}

/** Per client address. 0: without a limit. */
export interface EdgeRate {
  readonly perSecond: number;
  readonly burst: number;
}

export interface EdgeConfig {
  readonly instance: string;
  /** The ingests' origin: HTTPS that asks for a client certificate of the mall. */
  readonly origin: EdgeUpstream;
  readonly app: EdgeUpstream;
  /** LiveKit's signalling; absent: the mall has no auctions by WebRTC. */
  readonly webrtc?: EdgeUpstream;
  readonly ports: { readonly https: number; readonly status: number; readonly probe: number };
  /** Where viewers find HTTP/3: the host's port, not the container's. */
  readonly publicPort: number;
  /** Pages that may play beside the edge's own: host names, `*.example.com`, `*` for any. */
  readonly referers: readonly string[];
  readonly allowEmptyReferer: boolean;
  /** Addresses in front whose X-Forwarded-For is believed: a CDN, a load balancer. */
  readonly trustedProxies: readonly string[];
  readonly workers: number;
  readonly workerConnections: number;
  /** Of segments, in memory (the container's /tmp). */
  readonly cacheBytes: number;
  /** Sessions that can be told apart at one time. */
  readonly viewers: number;
  readonly mediaRate: EdgeRate;
  readonly apiRate: EdgeRate;
}

/** As a Referer rule: any page. */
export const anyReferer = "*";

/** A host name, every name below one, or any page, as a Referer rule takes it. */
export const refererPattern =
  /^(?:\*|(?:\*\.)?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*)$/;
const addressPattern = /^[0-9a-f:.]+(?:\/[0-9]{1,3})?$/;
const hostPattern = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

/** @throws Error for a value that would end up as something else in nginx's language */
export function refuseStrangeWords({
  instance,
  origin,
  app,
  webrtc,
  referers,
  trustedProxies,
}: EdgeConfig): void {
  const hosts = [
    instance,
    ...[origin, app, ...(webrtc === undefined ? [] : [webrtc])].flatMap((u) => [
      u.name,
      ...u.servers.map((s) => s.host),
    ]),
  ];
  const strange = [
    ...hosts.filter((word) => !hostPattern.test(word)),
    ...referers.filter((word) => !refererPattern.test(word)),
    ...trustedProxies.filter((word) => !addressPattern.test(word)),
  ];
  if (strange.length > 0) throw new Error(`nginx.conf cannot hold ${JSON.stringify(strange)}`);
}

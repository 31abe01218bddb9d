/** What several of the edge's locations have in common. Pure. */
import type { EdgeConfig, EdgeRate } from "./edge-spec.ts";

export const indent = (block: string): string => block.replaceAll(/^(?=.)/gm, "  ");

/** @param zone of `limit_req_zone` */
export const limit = (zone: string, { perSecond, burst }: EdgeRate): string =>
  perSecond === 0 ? "" : `limit_req zone=${zone} burst=${burst} nodelay;\n`;

/** One line a request. A location that writes another log as well has to repeat it. */
export const accessLog = "access_log /dev/stdout edge buffer=16k flush=1s;";

export const cors = `add_header Access-Control-Allow-Origin * always;
add_header Access-Control-Allow-Methods "GET, HEAD, OPTIONS" always;
add_header Access-Control-Allow-Headers Range always;
add_header Access-Control-Expose-Headers "Content-Length, Content-Range, Date, X-Cache, X-Refused" always;
add_header Access-Control-Max-Age 86400 always;
add_header Timing-Allow-Origin * always;
add_header X-Cache $upstream_cache_status always;
add_header X-Refused $live_refused always;`;

export const altSvc = ({ publicPort }: EdgeConfig): string =>
  `add_header Alt-Svc 'h3=":${publicPort}"; ma=86400' always;`;

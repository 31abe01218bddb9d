import type { EventLog } from "../../event-log.ts";
import { bids, stage } from "./auctions.ts";
import { cached, tls } from "./edges.ts";
import { events } from "./events.ts";
import type { LiveCheck } from "./evidence.ts";
import { http3 } from "./http3.ts";
import { everywhere, planConfiguration } from "./ingests.ts";
import { ladder } from "./ladder.ts";
import { refused, revokedKey } from "./publishing.ts";
import { replay } from "./replays.ts";
import { roles } from "./roles.ts";
import { hotlinks, signatureDialects } from "./signatures.ts";
import { workers } from "./workers.ts";

export const liveChecks = (log: EventLog): readonly LiveCheck[] => [
  everywhere,
  planConfiguration,
  workers,
  cached,
  signatureDialects,
  refused,
  revokedKey,
  tls,
  hotlinks,
  roles,
  events(log),
  replay,
  ladder,
  bids,
  stage,
  http3,
];

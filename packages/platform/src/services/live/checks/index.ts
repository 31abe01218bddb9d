import { cached, tls } from "./edges.ts";
import type { LiveCheck } from "./evidence.ts";
import { http3 } from "./http3.ts";
import { everywhere, planConfiguration } from "./ingests.ts";
import { refused, revokedKey } from "./publishing.ts";
import { replay } from "./replays.ts";
import { roles } from "./roles.ts";
import { hotlinks, signatureDialects } from "./signatures.ts";
import { workers } from "./workers.ts";

export const liveChecks: readonly LiveCheck[] = [
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
  replay,
  http3,
];

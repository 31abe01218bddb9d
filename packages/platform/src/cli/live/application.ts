/** The mall's live application, asked as the operator through its published port. */
import { z } from "zod";
import { type LiveClient, liveClient } from "../../../../live/src/client/client.ts";
import { messageOf } from "../../errors.ts";
import type { MallPlan } from "../../plan/model.ts";
import { fileBackend, secretsFolder } from "../../secrets/backend.ts";
import { storeReader } from "../../secrets/reader.ts";
import { trustedKey } from "../../secrets/store.ts";
import { askAt, type Question } from "../../services/https-client.ts";
import { loadMallFile } from "../../services/mall-schema.ts";
import { planMall } from "../../services/plan-mall.ts";
import type { SecretReader } from "../../services/service.ts";
import { stateHome } from "../../state.ts";
import { hostNet } from "../../targets/compose/ports.ts";
import { clientOf } from "../contexts.ts";
import type { Asking } from "../mall.ts";
import { liveError } from "./errors.ts";

export interface LiveApplication {
  readonly plan: MallPlan;
  /** PEM file of the CAs that clients of this mall trust. */
  readonly caFile: string;
  /** Identity and trust of whoever asks: the operator. */
  readonly secrets: SecretReader;
  /** Asked by {@link said}. */
  readonly api: LiveClient;
}

/** Route by which the plan publishes the application. */
const applicationRoute = "live-app";
/** It may wait for a busy database. */
const timeoutMs = 10_000;

/** @throws SPEC_*, LIVE_ABSENT */
export async function openLive({ file, signal }: Pick<Asking, "file" | "signal">): Promise<LiveApplication> {
  const { mall } = await loadMallFile(file);
  const plan = planMall(mall);
  const route = plan.services.flatMap((s) => s.routes).find(({ name }) => name === applicationRoute);
  if (route === undefined) throw liveError.LIVE_ABSENT({});
  const net = hostNet(plan, mall.site.bind);
  const backend = fileBackend(secretsFolder(mall.site.name, stateHome()));
  const secrets = storeReader(plan, backend, clientOf(plan));
  return {
    plan,
    caFile: backend.place(trustedKey),
    secrets,
    api: liveClient({
      baseUrl: `https://${applicationRoute}`,
      fetch: async (request) => {
        // Before it is asked: a mall that was never up has no certificate yet, and that is what to say.
        await secrets.identity();
        const question = { ...(await questionOf(request)), timeoutMs };
        const asker = { net, secrets, signal, patience: 1 };
        const { status, text } = await askAt(asker, applicationRoute, net.route(route), question).catch(
          (error: unknown) => {
            signal.throwIfAborted();
            throw liveError.LIVE_AWAY({ reason: messageOf(error) }, error);
          },
        );
        return new Response(text === "" ? null : text, { status });
      },
    }),
  };
}

async function questionOf(request: Request): Promise<Question> {
  const { pathname, search } = new URL(request.url);
  const sent = await request.text();
  return {
    method: request.method as NonNullable<Question["method"]>,
    path: `${pathname}${search}`,
    ...(sent === "" ? {} : { body: JSON.parse(sent) }),
  };
}

const problem = z.object({
  code: z.string(),
  text: z.object({ en: z.string(), zh: z.string() }),
  detail: z.string().optional(),
});

/** What a call of the interface answers; undefined: nothing. @throws LIVE_AWAY, LIVE_REFUSED, SECRET_ABSENT */
export async function said<T>(
  call: Promise<{ readonly data?: T; readonly error?: unknown; readonly response: Response }>,
): Promise<T> {
  const { data, error, response } = await call.catch((cause: unknown) => {
    throw cause instanceof SyntaxError ? liveError.LIVE_AWAY({ reason: messageOf(cause) }, cause) : cause;
  });
  if (response.ok) return data as T;
  const refusal = problem.safeParse(error);
  if (!refusal.success) throw liveError.LIVE_AWAY({ reason: `status ${response.status}` });
  if (response.status >= 500) throw liveError.LIVE_AWAY({ reason: refusal.data.code });
  throw liveError.LIVE_REFUSED({ ...refusal.data, details: refusal.data });
}

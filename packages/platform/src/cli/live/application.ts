/** The mall's live application, asked as the operator through its published port. */
import { z } from "zod";
import { messageOf } from "../../errors.ts";
import type { MallPlan } from "../../plan/model.ts";
import { fileBackend, secretsFolder } from "../../secrets/backend.ts";
import { storeReader } from "../../secrets/reader.ts";
import { trustedKey } from "../../secrets/store.ts";
import { type Answer, askAt } from "../../services/https-client.ts";
import { loadMallFile } from "../../services/mall-schema.ts";
import { planMall } from "../../services/plan-mall.ts";
import type { SecretReader } from "../../services/service.ts";
import { stateHome } from "../../state.ts";
import { hostNet } from "../../targets/compose/ports.ts";
import { clientOf } from "../contexts.ts";
import type { Asking } from "../mall.ts";
import { liveError } from "./errors.ts";

export type Method = "GET" | "POST" | "DELETE";

export interface LiveApplication {
  readonly plan: MallPlan;
  /** PEM file of the CAs that clients of this mall trust. */
  readonly caFile: string;
  /** Identity and trust of whoever asks: the operator. */
  readonly secrets: SecretReader;
  /** The answer's JSON; undefined for an empty one. @throws LIVE_AWAY, LIVE_REFUSED, SECRET_ABSENT */
  ask<T>(method: Method, path: string, body?: object): Promise<T>;
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
    async ask<T>(method: Method, path: string, body?: object) {
      // Before it is asked: a mall that was never up has no certificate yet, and that is what to say.
      await secrets.identity();
      const answer = await askAt({ net, secrets, signal, patience: 1 }, applicationRoute, net.route(route), {
        method,
        path,
        timeoutMs,
        ...(body === undefined ? {} : { body }),
      }).catch((error: unknown) => {
        signal.throwIfAborted();
        throw liveError.LIVE_AWAY({ reason: messageOf(error) }, error);
      });
      return read(answer) as T;
    },
  };
}

const problem = z.object({
  code: z.string(),
  text: z.object({ en: z.string(), zh: z.string() }),
  detail: z.string().optional(),
});

/** @throws LIVE_AWAY, LIVE_REFUSED. Exported for its test. */
export function read({ status, text }: Pick<Answer, "status" | "text">): unknown {
  const json = (): unknown => {
    try {
      return text === "" ? undefined : JSON.parse(text);
    } catch {
      return undefined;
    }
  };
  if (status < 300) return json();
  const said = problem.safeParse(json());
  if (!said.success) throw liveError.LIVE_AWAY({ reason: `status ${status}` });
  if (status >= 500) throw liveError.LIVE_AWAY({ reason: said.data.code });
  throw liveError.LIVE_REFUSED({ ...said.data, details: said.data });
}

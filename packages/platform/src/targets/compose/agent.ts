/** The agent of a mall on Compose as the host reaches it: its published port, the operator's certificate. */
import { type AgentClient, connectAgent } from "../../agent/client.ts";
import type { MallStatus } from "../../agent/status.ts";
import { digest } from "../../plan/config-file.ts";
import type { MallPlan } from "../../plan/model.ts";
import { instancesOn } from "../../plan/names.ts";
import { type SecretSnapshot, trustedCertificates } from "../../secrets/store.ts";
import type { Mall } from "../../spec/mall.ts";
import { composeError } from "./errors.ts";
import { hostNet } from "./ports.ts";

/** @throws MALL_ABSENT when the plan has no agent or the store no certificate for the operator. */
export function agentOf(mall: Mall, plan: MallPlan, snapshot: SecretSnapshot): AgentClient {
  const located = instancesOn(plan, "compose").find((found) => found.instance.allCredentials === true);
  const port = located?.instance.published[0]?.port;
  const client = plan.services.flatMap((service) => service.clients ?? [])[0];
  const pair = client === undefined ? undefined : snapshot.certificates.get(client.id);
  if (located === undefined || port === undefined || pair === undefined)
    throw composeError.MALL_ABSENT({ mall: mall.site.name });
  return connectAgent(hostNet(plan, mall.site.bind).address(located.instance.name, port), {
    ca: trustedCertificates(snapshot),
    cert: pair.certificate,
    key: pair.key,
  });
}

/** Between two tries while the agent's container is still starting. */
const retryMs = 300;
/** How long one question may wait in the agent; short, so that progress is seen and Ctrl-C is prompt. */
const waitMs = 2_000;

/**
 * Waits until the agent follows this very mall and has nothing left to do in it, by an observation made after
 * this call.
 * @throws NOT_CONVERGED with what is left, after `timeoutMs`
 */
export async function waitConverged(
  agent: AgentClient,
  mall: Mall,
  options: {
    readonly service?: string;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
    readonly note?: (detail: string) => void;
  },
): Promise<void> {
  const wanted = digest(mall);
  const startedAt = Date.now();
  let left: readonly string[] = ["the agent does not answer"];
  for (;;) {
    options.signal.throwIfAborted();
    const answer = await ask(agent, options);
    if (answer !== undefined) {
      const current = answer.status.plan === wanted;
      if (answer.converged && current) return;
      left = current ? unfinished(answer.status, options.service) : ["the agent has yet to read mall.json"];
      options.note?.(left.join("; "));
    }
    if (Date.now() - startedAt > options.timeoutMs) {
      throw composeError.NOT_CONVERGED({
        seconds: Math.round((Date.now() - startedAt) / 1000),
        services: left,
      });
    }
    // The agent itself waits while it has something to do; a quick answer means that it is not there yet.
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}

/** What the agent sees by a look of now, tried until it answers. @returns undefined when it has not by then. */
export async function askAgent(
  agent: AgentClient,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<MallStatus | undefined> {
  const startedAt = Date.now();
  while (Date.now() - startedAt <= options.timeoutMs) {
    options.signal.throwIfAborted();
    const answer = await ask(agent, options);
    if (answer !== undefined) return answer.status;
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
  return undefined;
}

async function ask(
  agent: AgentClient,
  options: { readonly service?: string; readonly signal: AbortSignal },
): Promise<{ readonly converged: boolean; readonly status: MallStatus } | undefined> {
  try {
    return await agent.reconcile({
      waitMs,
      signal: options.signal,
      ...(options.service === undefined ? {} : { service: options.service }),
    });
  } catch (error) {
    options.signal.throwIfAborted();
    if (isStarting(error)) return undefined;
    throw error;
  }
}

const isStarting = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "AGENT_UNREACHABLE";

function unfinished(status: MallStatus, service: string | undefined): readonly string[] {
  return status.services
    .filter((one) => !one.converged && (service === undefined || one.service === service))
    .map((one) => {
      const [next] = one.pending;
      const doing = next === undefined ? one.summary?.text.en : `${next.kind} ${next.target}`;
      return `${one.service}: ${next?.error ?? one.error ?? doing ?? "not yet observed"}`;
    });
}

/** The command line's side of the agent's API. */
import { Agent, request } from "undici";
import { messageOf } from "../errors.ts";
import type { ActionBase, Address } from "../services/service.ts";
import type { CheckReport } from "../verify/report.ts";
import type { Identity } from "./api.ts";
import type { VerifyRequest } from "./api-schema.ts";
import { agentError } from "./errors.ts";
import type { AgentEvent } from "./events.ts";
import type { MallStatus } from "./status.ts";

export interface AgentClient {
  status(): Promise<MallStatus>;
  verify(request: VerifyRequest, signal?: AbortSignal): Promise<readonly CheckReport[]>;
  /** Looks at once, and waits until nothing is left to do or the time is over. */
  reconcile(options: {
    readonly service?: string;
    readonly waitMs: number;
    readonly signal?: AbortSignal;
  }): Promise<{ readonly converged: boolean; readonly status: MallStatus }>;
  /** Has a service's action carried out between the loop's own. @throws AGENT_ACTION_FAILED. */
  perform(service: string, action: ActionBase, signal?: AbortSignal): Promise<void>;
  events(options: {
    readonly since: number;
    readonly waitMs: number;
    readonly signal?: AbortSignal;
  }): Promise<{ readonly last: number; readonly events: readonly AgentEvent[] }>;
  /** Every event after `since` as it comes, until aborted; goes on through restarts of the agent. */
  follow(since: number, signal: AbortSignal): AsyncGenerator<AgentEvent>;
  metrics(): Promise<string>;
  close(): Promise<void>;
}

/** Time to connect and shake hands: the agent is on this machine or one network hop away. */
const connectTimeoutMs = 3_000;
/** What a request may take beyond the time it asks the agent to wait. */
const answerTimeoutMs = 15_000;
/** Verify runs all checks of the network port; each is bounded by the agent. */
const verifyTimeoutMs = 300_000;
/** Disruptive ones run one after the other, each with five minutes. */
const roughTimeoutMs = 1_800_000;
/** An action is bounded by the agent's own limit of five minutes. */
const actionTimeoutMs = 330_000;

/** @param identity the store's `operator` certificate. Every call @throws AGENT_UNREACHABLE or AGENT_REFUSED. */
export function connectAgent(address: Address, identity: Identity): AgentClient {
  const where = `${address.host}:${address.port}`;
  const dispatcher = new Agent({
    connect: {
      ...identity,
      servername: address.serverName,
      timeout: connectTimeoutMs,
      minVersion: "TLSv1.2",
    },
    connections: 8,
  });

  async function call(
    method: "GET" | "POST",
    path: string,
    options: {
      readonly body?: unknown;
      readonly timeoutMs?: number;
      readonly signal?: AbortSignal | undefined;
    },
  ): Promise<string> {
    const timeoutMs = options.timeoutMs ?? answerTimeoutMs;
    let answer: Awaited<ReturnType<typeof request>>;
    let text: string;
    try {
      answer = await request(`https://${where}${path}`, {
        dispatcher,
        method,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        ...(options.body === undefined
          ? {}
          : { body: JSON.stringify(options.body), headers: { "content-type": "application/json" } }),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
      text = await answer.body.text();
    } catch (error) {
      if (options.signal?.aborted === true) throw error;
      throw agentError.AGENT_UNREACHABLE({ address: where, cause: causeOf(error) }, error);
    }
    if (answer.statusCode !== 200) {
      throw agentError.AGENT_REFUSED({ status: answer.statusCode, path, message: errorText(text) });
    }
    return text;
  }

  async function json<T>(...args: Parameters<typeof call>): Promise<T> {
    return JSON.parse(await call(...args)) as T;
  }

  const client: AgentClient = {
    status: () => json("GET", "/v1/status", {}),
    async verify(body, signal) {
      const answer = await json<{ reports: readonly CheckReport[] }>("POST", "/v1/verify", {
        body,
        timeoutMs: body.kinds?.includes("disruptive") === true ? roughTimeoutMs : verifyTimeoutMs,
        signal,
      });
      return answer.reports;
    },
    reconcile: ({ service, waitMs, signal }) =>
      json("POST", "/v1/reconcile", {
        body: { waitMs, ...(service === undefined ? {} : { service }) },
        timeoutMs: waitMs + answerTimeoutMs,
        signal,
      }),
    async perform(service, action, signal) {
      const answer = await json<{ outcome: "done" | "failed"; error?: string }>("POST", "/v1/actions", {
        body: { service, action },
        timeoutMs: actionTimeoutMs,
        signal,
      });
      if (answer.outcome === "failed") {
        throw agentError.AGENT_ACTION_FAILED({ service, action: action.kind, message: answer.error ?? "" });
      }
    },
    events: ({ since, waitMs, signal }) =>
      json("GET", `/v1/events?since=${since}&waitMs=${waitMs}`, {
        timeoutMs: waitMs + answerTimeoutMs,
        signal,
      }),
    async *follow(from, signal) {
      let since = from;
      while (!signal.aborted) {
        try {
          const answer = await client.events({ since, waitMs: 30_000, signal });
          yield* answer.events;
          // The agent's own number: after its volume was lost it begins anew, below ours.
          since = answer.events.at(-1)?.seq ?? Math.min(since, answer.last);
        } catch (error) {
          if (signal.aborted) return;
          if (!isUnreachable(error)) throw error;
          await new Promise((resolve) => setTimeout(resolve, 1_000));
        }
      }
    },
    metrics: () => call("GET", "/metrics", {}),
    close: () => dispatcher.close(),
  };
  return client;
}

const isUnreachable = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "AGENT_UNREACHABLE";

/** Connection errors hide the telling one in their cause. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const own = messageOf(error);
  return cause === undefined ? own : `${own}: ${messageOf(cause)}`;
}

function errorText(body: string): string {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === "object" && value !== null && "error" in value) return String(value.error);
  } catch {
    // Not JSON: shown as it came.
  }
  return body.slice(0, 200);
}

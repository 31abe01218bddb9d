/** The agent's API: HTTPS with mutual TLS. JSON in and out; docs/agent.md tells it to people. */

import type { Server } from "node:https";
import { TLSSocket } from "node:tls";
import fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { messageOf } from "../errors.ts";
import { checkPatience } from "../services/patience.ts";
import type { ServiceInContext } from "../verify/checks/generic.ts";
import { type CheckToRun, missingPorts, portsOf, runChecks } from "../verify/run-checks.ts";
import { checksOf, genericCandidates, isNamed } from "../verify/select.ts";
import { mayAsk, type Scope } from "./access.ts";
import {
  type ActionRequest,
  actionBody,
  type EventsQuery,
  eventsQuery,
  type ReconcileRequest,
  reconcileBody,
  type VerifyRequest,
  verifyBody,
} from "./api-schema.ts";
import type { EventLog } from "./events.ts";
import type { Loop } from "./loop.ts";
import type { Metrics } from "./metrics.ts";
import { toJson } from "./status.ts";

export interface Identity {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface ApiDeps {
  readonly loop: Loop;
  readonly events: EventLog;
  readonly metrics: Metrics;
  readonly identity: Identity;
  readonly now: () => number;
  readonly stopping: AbortSignal;
}

export interface Api {
  readonly app: FastifyInstance<Server>;
  /** Serves and trusts what is given from now on; connections that exist go on with what they began with. */
  renew(identity: Identity): void;
}

/** No request of ours is larger than a list of a thousand check ids. */
const bodyLimitBytes = 64 * 1024;
/** A check that takes longer would break `mall verify`'s own bound many times over. */
const checkTimeoutMs = 60_000;
/** Each check asks every server of its service at once; more side by side only wait for the same two cores. */
const checkConcurrency = 3;
/** Beside them: they leave the cores alone while a stream's next segment is not there yet. */
const waitingConcurrency = 3;
/** A disruptive one waits for the servers to be whole again; two at once would disturb each other. */
const roughTimeoutMs = 300_000;

const tlsOptions = (identity: Identity) => ({
  ...identity,
  minVersion: "TLSv1.2" as const,
});

export function createApi(deps: ApiDeps): Api {
  const { loop, events, metrics } = deps;
  const app = fastify<Server>({
    https: { ...tlsOptions(deps.identity), requestCert: true, rejectUnauthorized: true },
    bodyLimit: bodyLimitBytes,
    logger: false,
    // A request may wait for events or convergence; what bounds it is its own `waitMs`.
    requestTimeout: 0,
    keepAliveTimeout: 70_000,
    forceCloseConnections: true,
    // Unknown fields are an error that names them, not something to drop silently.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: "array", allErrors: false } },
  });
  app.setReplySerializer((payload) => toJson(payload));
  app.setErrorHandler(async (error, _request, reply) => {
    const status =
      typeof error === "object" && error !== null && "statusCode" in error ? error.statusCode : 500;
    return reply.code(typeof status === "number" ? status : 500).send({ error: messageOf(error) });
  });

  const only = (scope: Scope) => ({
    onRequest: async (request: FastifyRequest) => {
      const commonName = commonNameOf(request);
      if (!mayAsk(commonName, scope)) {
        throw Object.assign(new Error(`${commonName ?? "this client"} may not ask this`), {
          statusCode: 403,
        });
      }
    },
  });

  app.get("/healthz", only("alive"), async () => ({ ok: true }));

  app.get("/metrics", only("metrics"), async (_request, reply) => {
    const { contentType, body } = await metrics.text();
    return reply
      .type(contentType)
      .serializer((text: string) => text)
      .send(body);
  });

  app.get("/v1/status", only("read"), async () => loop.status());

  app.get<{ Querystring: EventsQuery }>(
    "/v1/events",
    { ...only("read"), schema: { querystring: eventsQuery } },
    async (request) => {
      const { limit, waitMs } = request.query;
      // After the loss of the agent's volume numbers begin anew: a follower must not wait for the old ones.
      const since = request.query.since > events.last() ? 0 : request.query.since;
      if (waitMs > 0) await events.wait(since, waitMs, deps.stopping);
      return { last: events.last(), events: events.since(since, limit) };
    },
  );

  app.post<{ Body: VerifyRequest }>(
    "/v1/verify",
    { ...only("act"), schema: { body: verifyBody } },
    async (request) => {
      const rough = request.body.kinds?.includes("disruptive") === true;
      const reports = await runChecks(chosen(request.body, loop.contexts(deps.stopping)), {
        signal: deps.stopping,
        ...(rough
          ? { concurrency: 1, timeoutMs: roughTimeoutMs }
          : { concurrency: checkConcurrency, waiting: waitingConcurrency, timeoutMs: checkTimeoutMs }),
        now: deps.now,
      });
      return { reports };
    },
  );

  app.post<{ Body: ReconcileRequest }>(
    "/v1/reconcile",
    { ...only("act"), schema: { body: reconcileBody } },
    async (request, reply) => {
      const { service, waitMs } = request.body;
      if (service !== undefined && !loop.status().services.some((s) => s.service === service))
        return reply.code(404).send({ error: `no service ${service} in this mall` });
      loop.kick(service);
      const converged = waitMs > 0 && (await loop.settled(service, waitMs));
      return { converged, status: loop.status() };
    },
  );

  app.post<{ Body: ActionRequest }>(
    "/v1/actions",
    { ...only("act"), schema: { body: actionBody } },
    async (request, reply) => {
      const { service, action } = request.body;
      try {
        if (!(await loop.perform(service, action)))
          return reply.code(404).send({ error: `no service ${service} in this mall` });
        return { outcome: "done" };
      } catch (error) {
        return { outcome: "failed", error: messageOf(error) };
      }
    },
  );

  return {
    app,
    renew: (identity) => app.server.setSecureContext(tlsOptions(identity)),
  };
}

function commonNameOf(request: FastifyRequest): string | undefined {
  const socket = request.raw.socket;
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const name: unknown = socket.getPeerCertificate().subject?.CN;
  return typeof name === "string" ? name : undefined;
}

/** Checks that need the network alone: all that this place has. */
function chosen(request: VerifyRequest, contexts: readonly ServiceInContext[]): readonly CheckToRun[] {
  const kinds = new Set(request.kinds ?? ["read", "scratch"]);
  const ids = request.ids === undefined ? undefined : new Set(request.ids);
  const all = [...contexts.flatMap((c) => checksOf(c.service)), ...genericCandidates(contexts)];
  return all
    .filter(({ check }) => kinds.has(check.kind) && check.recordedBy === undefined)
    .filter((candidate) => ids === undefined || isNamed(ids, candidate))
    .flatMap(({ service, check }) => {
      // A generic check belongs to no service: it reads the plan, which is in every context.
      const own = contexts.find((c) => c.service.name === service) ?? contexts[0];
      if (own === undefined || missingPorts(check, portsOf(own.ctx)).length > 0) return [];
      return [
        { service, check, ctx: (signal: AbortSignal) => ({ ...own.ctx, signal, patience: checkPatience }) },
      ];
    });
}

/** Runs every check where it can run, and tells the whole in one result. No service is named here. */

import type { AgentClient } from "../agent/client.ts";
import { messageOf } from "../errors.ts";
import { checkPatience } from "../services/patience.ts";
import { servicesOf } from "../services/plan-mall.ts";
import type { AnyService, PortName } from "../services/service.ts";
import type { Mall } from "../spec/mall.ts";
import { text } from "../text.ts";
import { age } from "./age.ts";
import type { ServiceInContext } from "./checks/generic.ts";
import { pendingReports, pendingTitle, unrunReport } from "./pending.ts";
import { type CheckReport, type ReportGroup, totalsOf, type VerifyResult } from "./report.ts";
import { describe, missingPorts, portsOf, runChecks } from "./run-checks.ts";
import { type Candidate, checksOf, chosen, genericCandidates, placeOf } from "./select.ts";
import { type ResultStore, stamped } from "./store.ts";

export interface VerifyInput {
  readonly mall: Mall;
  /** Digest of the mall, by which stored results are known to be of it. */
  readonly configuration: string;
  readonly registry: readonly AnyService[];
  /** The mall's services with the ports that are here. */
  readonly local: (signal: AbortSignal) => readonly ServiceInContext[];
  readonly agent: Pick<AgentClient, "verify">;
  readonly store: ResultStore;
  /** Checks, requirements or services; empty: all. */
  readonly ids: readonly string[];
  /** Runs also what disturbs, one after the other, and records it. */
  readonly disruptive: boolean;
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** Called with how many of how many are done. */
  readonly note: (done: number, total: number) => void;
}

/** Commands in containers and the engine's answers: the machine's cores are what they wait for. */
const localConcurrency = 4;
const localTimeoutMs = 60_000;
/** One that stops a node waits for it to be whole again. */
const disruptiveTimeoutMs = 300_000;

/** @throws VERIFY_ID_UNKNOWN; whatever goes wrong with a check is its verdict. */
export async function verify(input: VerifyInput): Promise<VerifyResult> {
  const started = input.now();
  const services = input.local(input.signal);
  const left = input.registry.filter((s) => !servicesOf(input.mall, input.registry).includes(s));
  const all = [...services.flatMap((s) => checksOf(s.service)), ...genericCandidates(services)];
  const wanted = chosen([...all, ...left.flatMap(checksOf)], input.ids);
  const present = services[0] === undefined ? new Set<PortName>() : portsOf(services[0].ctx);
  const at = (place: ReturnType<typeof placeOf>) =>
    wanted.filter(
      (c) => all.includes(c) && placeOf(c.check, { present, disruptive: input.disruptive }) === place,
    );

  let done = 0;
  const total = at("agent").length + at("here").length;
  const advance = (by: number) => {
    done += by;
    input.note(done, total);
  };
  const [remote, here, stored] = await Promise.all([
    runInAgent(at("agent"), input).then((reports) => {
      advance(reports.length);
      return reports;
    }),
    runHere(at("here"), services, input, () => advance(1)),
    Promise.all(at("stored").map((candidate) => readStored(candidate, input))),
  ]);
  const absent = [
    ...at("absent").map((c) => unrunReport(c, { missing: missingPorts(c.check, present) })),
    ...wanted.filter((c) => !all.includes(c)).map((c) => unrunReport(c, { leftOut: true })),
  ];
  await record([...remote, ...here], input);
  const byId = new Map([...remote, ...here, ...stored, ...absent].map((r) => [r.id, r]));
  const groups = [...groupsOf(wanted, byId), ...pendingGroup(input.ids)];
  const totals = totalsOf(groups.flatMap((g) => g.reports));
  return {
    mall: input.mall.site.name,
    startedAt: new Date(started).toISOString(),
    durationMs: input.now() - started,
    ok: totals.fail === 0,
    totals,
    groups,
  };
}

/** An agent that does not answer proves nothing: each of its checks has failed, and says why. */
async function runInAgent(
  candidates: readonly Candidate[],
  { agent, disruptive, signal }: VerifyInput,
): Promise<readonly CheckReport[]> {
  const calm = candidates.filter((c) => c.check.kind !== "disruptive");
  const rough = disruptive ? candidates.filter((c) => c.check.kind === "disruptive") : [];
  const ask = async (of: readonly Candidate[], kinds?: readonly ["disruptive"]) => {
    if (of.length === 0) return [];
    const ids = of.map((c) => c.check.id);
    const reports = await agent.verify({ ids, ...(kinds === undefined ? {} : { kinds }) }, signal).then(
      (answer) => ({ answer }),
      (error: unknown) => ({ error: messageOf(error) }),
    );
    signal.throwIfAborted();
    return of.map((candidate): CheckReport => {
      if ("error" in reports)
        return failed(candidate, text("The agent does not answer", "代理没有应答"), reports.error);
      const found = reports.answer.find((r) => r.id === candidate.check.id);
      return (
        found ??
        failed(
          candidate,
          text(
            "The agent does not know this check; `mall up` renews it",
            "代理不认识此检查；运行 mall up 以更新",
          ),
          "absent in its answer",
        )
      );
    });
  };
  const reports = await ask(calm);
  return [...reports, ...(await ask(rough, ["disruptive"]))];
}

async function runHere(
  candidates: readonly Candidate[],
  services: readonly ServiceInContext[],
  input: VerifyInput,
  done: () => void,
): Promise<readonly CheckReport[]> {
  const [any] = services;
  const toRun = (kind: (c: Candidate) => boolean) =>
    candidates.filter(kind).flatMap(({ service, check }) => {
      // A generic check has no service of its own: any context has the ports and the plan.
      const own = services.find((s) => s.service.name === service) ?? any;
      return own === undefined
        ? []
        : [
            {
              service,
              check,
              ctx: (signal: AbortSignal) => ({ ...own.ctx, signal, patience: checkPatience }),
            },
          ];
    });
  const limits = { signal: input.signal, timeoutMs: localTimeoutMs, now: input.now, done };
  const calm = await runChecks(
    toRun((c) => c.check.kind !== "disruptive"),
    { ...limits, concurrency: localConcurrency },
  );
  const rough = await runChecks(
    toRun((c) => c.check.kind === "disruptive"),
    { ...limits, concurrency: 1, timeoutMs: disruptiveTimeoutMs },
  );
  return [...calm, ...rough];
}

/** The last result, if it is of this very mall; else that there is none, with what there was. */
async function readStored(candidate: Candidate, input: VerifyInput): Promise<CheckReport> {
  const stored = await input.store.read(candidate.check.id);
  if (stored === undefined) return unrunReport(candidate, { never: true });
  const ago = age(input.now() - Date.parse(stored.report.ranAt));
  if (stored.configuration !== input.configuration)
    return unrunReport(candidate, { elsewhere: { verdict: stored.report.verdict, ago } });
  return {
    ...stored.report,
    // Words of today: the check may have been renamed since.
    ...describe(candidate.service, candidate.check),
    detail: text(`${stored.report.detail.en} (${ago.en} ago)`, `${stored.report.detail.zh}（${ago.zh}前）`),
  };
}

async function record(reports: readonly CheckReport[], input: VerifyInput): Promise<void> {
  const ranAt = new Date(input.now()).toISOString();
  for (const report of reports) {
    if (report.kind === "disruptive") await input.store.write(stamped(report, ranAt, input.configuration));
  }
}

const failed = (candidate: Candidate, detail: CheckReport["detail"], read: string): CheckReport => ({
  ...describe(candidate.service, candidate.check),
  verdict: "fail",
  detail,
  evidence: [{ from: "agent", read }],
  durationMs: 0,
});

function groupsOf(
  wanted: readonly Candidate[],
  reports: ReadonlyMap<string, CheckReport>,
): readonly ReportGroup[] {
  const names = [...new Set(wanted.map((c) => c.service))];
  return names.map((service) => {
    const own = wanted.filter((c) => c.service === service);
    return {
      service,
      title: own[0]?.title ?? text(service, service),
      reports: own.flatMap((c) => reports.get(c.check.id) ?? []),
    };
  });
}

const pendingGroup = (ids: readonly string[]): readonly ReportGroup[] => {
  const reports = pendingReports(ids);
  return reports.length === 0 ? [] : [{ service: "later", title: pendingTitle, reports }];
};

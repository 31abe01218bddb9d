/** What `mall engine start|status|stop` do, as data; the command line prints it. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { silent } from "../progress.ts";
import { stateHome } from "../state.ts";
import { type EnsureOptions, ensureEngine, findEngine } from "./find.ts";
import { layoutOf } from "./private/layout.ts";
import { type PrivateStatus, privateStatus } from "./private/private-engine.ts";
import { type StopOptions, type StopResult, stopPrivate } from "./private/stop.ts";

export interface EngineStatus {
  /** The engine this mall uses, when it runs. */
  readonly used:
    | { readonly kind: "host" | "private"; readonly host: string; readonly apiVersion: string }
    | undefined;
  readonly private: PrivateStatus;
}

/** Finds or starts the engine. Errors: those of {@link ensureEngine}. */
export async function startEngine(options: EnsureOptions = {}): Promise<EngineStatus> {
  const { kind, host, apiVersion } = await ensureEngine(options);
  return { used: { kind, host, apiVersion }, private: await privateStatus(layoutOf()) };
}

/** How it is, changing nothing. Errors: ENGINE_UNREACHABLE, ENGINE_UNSUITABLE of an engine named by the user. */
export async function engineStatus(): Promise<EngineStatus> {
  const [engine, own] = await Promise.all([findEngine(), privateStatus(layoutOf())]);
  return {
    used: engine && { kind: engine.kind, host: engine.host, apiVersion: engine.apiVersion },
    private: own,
  };
}

/**
 * Stops the private engine (never the host's own): containers first, each within its grace; the host's firewall,
 * forwarding and bridges as before. `purge` also removes its images, volumes and programs. Done again it does
 * nothing. Errors: ENGINE_STOP_FAILED, ENGINE_NOT_ROOT.
 */
export async function stopEngine(options: Partial<StopOptions> = {}): Promise<StopResult> {
  const result = await stopPrivate(layoutOf(), { progress: silent, ...options });
  // With its volumes gone nothing ties the mall to that engine.
  if (result.purged) await rm(join(stateHome(), "engine-choice.json"), { force: true });
  return result;
}

/**
 * A systemd unit that starts the private engine at boot; containers with a restart policy come back with it.
 * @param launcher absolute path of the `mall` launcher
 */
export function bootUnit(launcher: string): string {
  const home = stateHome();
  return `[Unit]
Description=mallstack's private Docker Engine
After=network-online.target
Wants=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
# ExecStop ends dockerd and the containers in order; systemd must not end them one by one.
KillMode=process
Environment="MALL_HOME=${home}" "MALL_ENGINE=private" "PATH=${process.env.PATH ?? ""}"
ExecStart="${launcher}" engine start
ExecStop="${launcher}" engine stop
TimeoutStartSec=300
TimeoutStopSec=240

[Install]
WantedBy=multi-user.target
`;
}

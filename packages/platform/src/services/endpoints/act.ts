/** One step at HAProxy, proven by reading it back. */
import type { Ctx } from "../service.ts";
import type { EndpointsAction } from "./decide.ts";
import { command, parseServers, readCommands } from "./runtime.ts";
import type { EndpointsSpec } from "./spec.ts";
import { readRoutes } from "./state.ts";
import { writeStateFile } from "./state-file.ts";
import { stateText } from "./state-text.ts";

/** @throws when the role has moved since the decision, or when HAProxy does not show what it was told. */
export async function actEndpoints(ctx: Ctx<EndpointsSpec>, action: EndpointsAction): Promise<void> {
  if (action.kind === "store-state") {
    await writeStateFile(stateText(await readRoutes(ctx)));
    return;
  }
  const { kind, route, role, server } = action;
  const holders = ctx.roles.holders(role);
  if (holders === undefined) throw new Error(`who holds ${role} is not known any more`);
  const open = kind === "open";
  if (holders.includes(server) !== open)
    throw new Error(`${server} ${open ? "no longer holds" : "holds"} ${role}`);
  const name = `${route}/${server}`;
  const commands = open
    ? [`set server ${name} state ready`]
    : [`set server ${name} state maint`, `shutdown sessions server ${name}`];
  const said = await command(ctx, ...commands);
  const now = parseServers(await command(ctx, ...readCommands), [route]).find((s) => s.instance === server);
  if (now?.open !== open) throw new Error(`HAProxy did not take it: ${said.trim()}`);
}

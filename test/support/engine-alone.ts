/**
 * Run by test/e2e/engine.test.ts in a network and mount namespace of its own with an empty /run, where no other
 * engine and no other program changes anything: starts the private engine of MALL_HOME, uses it, stops it, and
 * prints how the host was before, meanwhile and afterwards. Meanwhile another engine, that of the folder in the first
 * argument, was started and killed.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stopEngine } from "../../packages/platform/src/engine/command.ts";
import { ensureEngine } from "../../packages/platform/src/engine/find.ts";
import { layoutOf } from "../../packages/platform/src/engine/private/layout.ts";
import { engineProcesses, signalTo, waitGone } from "../../packages/platform/src/engine/private/processes.ts";
import { libraryEnv } from "../../packages/platform/src/engine/private/unpack.ts";
import { run } from "../../packages/platform/src/engine/run.ts";
import { hostState } from "./host-state.ts";

const layout = layoutOf();
const env = await libraryEnv(join(layout.tools, "daemon"));
const nft = { program: join(layout.sbin, "nft"), env };
const [killedHome = "", image = "", ...rules] = process.argv.slice(2);

// Rules that were there: of the host, in a table of iptables and in one of its own.
for (const rule of rules) {
  const made = await run(nft.program, rule.split(" "), { env });
  if (made.exitCode !== 0) throw new Error(`${rule}: ${made.stderr}`);
}
await run(join(layout.sbin, "busybox"), ["ip", "link", "set", "lo", "up"]);
// A new namespace takes its settings over from the first one, where another engine may have turned this on.
await writeFile("/proc/sys/net/ipv4/ip_forward", "0\n");
const before = await hostState(nft);
const engine = await ensureEngine();
try {
  const network = `alone-${process.pid}`;
  await engine.docker(["network", "create", network]);
  const publish = ["--publish", "127.0.0.1:18099:80", "--stop-signal", "KILL"];
  await engine.docker([
    "run",
    "--detach",
    "--network",
    network,
    ...publish,
    image,
    "/busybox",
    "sleep",
    "600",
  ]);
  await engine.docker(["run", "--rm", image, "/busybox", "true"]);
  await startAndKill(killedHome);
} catch (error) {
  await stopEngine();
  throw error;
}
const during = await hostState(nft);
const stopped = await stopEngine();
const after = await hostState(nft);
process.stdout.write(JSON.stringify({ before, during, after, stopped }));

/** Leaves all that dockerd did to the host, and no process of it. */
async function startAndKill(home: string): Promise<void> {
  const own = process.env.MALL_HOME;
  process.env.MALL_HOME = home;
  await ensureEngine();
  const all = Object.values(await engineProcesses(layoutOf())).flat();
  await Promise.all(all.map((each) => signalTo(each, "SIGKILL")));
  const left = await waitGone(all, 10_000);
  if (left.length > 0) throw new Error(`still there: ${JSON.stringify(left)}`);
  process.env.MALL_HOME = own;
}

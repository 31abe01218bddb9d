/**
 * Runs the sample application on this mall: a program of its own (`dist/storefront`) that is told where the
 * servers are, as any application would be, and writes its ledgers and results into the mall's state folder.
 */
import { join } from "node:path";
import { type ExitKind, exitCodes } from "../errors.ts";
import { servicesOf } from "../services/plan-mall.ts";
import { connectionsTo } from "./connect.ts";
import { runForeground } from "./foreground.ts";
import { type OpenMall, openMall } from "./mall.ts";
import { sampleFolder } from "./sample-outcome.ts";
import { kebab, type OptionSpecs, type VerbContext } from "./verb.ts";

const exitKinds = new Map<number, ExitKind>(
  Object.entries(exitCodes).map(([kind, code]) => [code, kind as ExitKind]),
);

/** @returns what the program's exit code says. Its results and errors are printed by itself. */
export async function runSample<O extends OptionSpecs>(
  ctx: VerbContext<Record<never, never>, O>,
  command: string,
  after: (opened: OpenMall) => Promise<unknown> = async () => undefined,
): Promise<ExitKind | undefined> {
  const opened = await openMall(ctx);
  const services = await connectionsTo(opened, servicesOf(opened.mall));
  const program = join(ctx.root, "dist/storefront/storefront.mjs");
  const code = await runForeground(
    process.execPath,
    [program, command, ...words(ctx.options, ctx.out.json)],
    {
      ...process.env,
      MALL_CONNECT: JSON.stringify({ services }),
      MALL_STOREFRONT_DIR: sampleFolder(opened),
    },
  );
  await after(opened);
  if (typeof code === "string") return "interrupted";
  return code === exitCodes.ok ? undefined : (exitKinds.get(code) ?? "internal");
}

/** Options that were given, as words again. Exported for its test. */
export function words(options: Readonly<Record<string, unknown>>, json: boolean): readonly string[] {
  const given = Object.entries(options).flatMap(([key, value]) => {
    if (value === undefined || value === false) return [];
    return value === true ? [`--${kebab(key)}`] : [`--${kebab(key)}`, String(value)];
  });
  return json ? [...given, "--json"] : given;
}

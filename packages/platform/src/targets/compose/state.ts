/** What the host keeps of a mall on Compose: its identity, its rendered folder and the plan it last applied. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { messageOf } from "../../errors.ts";
import type { MallPlan } from "../../plan/model.ts";
import { mallFolder } from "../../secrets/backend.ts";
import { readIfPresent, writeAtomic } from "../../state.ts";
import { composeError } from "./errors.ts";

export interface MallFolders {
  readonly root: string;
  readonly identity: string;
  /** Where compose.yaml and the instances' configuration are rendered to. */
  readonly compose: string;
  /** The plan whose every change reached the servers. */
  readonly applied: string;
}

export const mallFolders = (stateHome: string, mall: string): MallFolders => {
  const root = mallFolder(mall, stateHome);
  return {
    root,
    identity: join(root, "identity.json"),
    compose: join(root, "compose"),
    applied: join(root, "applied.json"),
  };
};

const identitySchema = z.object({ id: z.uuid(), createdAt: z.string() });
export type MallIdentity = z.infer<typeof identitySchema>;

/** The mall's identity, or undefined before its first `up`. @throws MALL_STATE_CORRUPT */
export async function readIdentity(folders: MallFolders): Promise<MallIdentity | undefined> {
  const text = await readText(folders.identity);
  if (text === undefined) return undefined;
  const parsed = identitySchema.safeParse(parseJson(folders.identity, text));
  if (!parsed.success)
    throw composeError.MALL_STATE_CORRUPT({
      file: folders.identity,
      problem: "it holds no identity",
    });
  return parsed.data;
}

/** The mall's identity, made at its first use. */
export async function ensureIdentity(folders: MallFolders): Promise<MallIdentity> {
  const known = await readIdentity(folders);
  if (known !== undefined) return known;
  const made = { id: randomUUID(), createdAt: new Date().toISOString() };
  await writeAtomic(folders.identity, `${JSON.stringify(made)}\n`);
  return made;
}

/** The last wholly applied plan. @throws MALL_STATE_CORRUPT */
export async function readApplied(folders: MallFolders): Promise<MallPlan | undefined> {
  const text = await readText(folders.applied);
  if (text === undefined) return undefined;
  const plan = parseJson(folders.applied, text) as Partial<MallPlan> | null;
  if (plan === null || !Array.isArray(plan.services))
    throw composeError.MALL_STATE_CORRUPT({ file: folders.applied, problem: "it holds no plan" });
  return plan as MallPlan;
}

export async function writeApplied(folders: MallFolders, plan: MallPlan): Promise<void> {
  await writeAtomic(folders.applied, `${JSON.stringify(plan)}\n`);
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readIfPresent(path);
  } catch (error) {
    throw composeError.MALL_STATE_CORRUPT({ file: path, problem: messageOf(error) }, error);
  }
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw composeError.MALL_STATE_CORRUPT({ file, problem: messageOf(error) }, error);
  }
}

/** The sample shop by the commands that a user types, on the mall of the plan's defaults. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect } from "vitest";
import { ensureEngine } from "../../packages/platform/src/engine/find.ts";
import { exitCodes } from "../../packages/platform/src/errors.ts";
import { stateHome } from "../../packages/platform/src/state.ts";
import { containerName } from "../../packages/platform/src/targets/compose/names.ts";
import { repositoryRoot } from "./ready-images.ts";
import { wholeMall } from "./whole-mall.ts";

export interface Answer<Document> {
  readonly code: number;
  /** Undefined when the command wrote none. */
  readonly document: Document;
  readonly text: string;
}

const start = (file: string, words: readonly string[]) =>
  execa(join(repositoryRoot, "mall"), ["-f", file, ...words], { reject: false });
export type Started = ReturnType<typeof start>;

export interface StorefrontMall {
  readonly name: string;
  /** Where the shop's ledgers and results are. */
  readonly folder: string;
  /** `./mall -f FILE --json …`, whatever its exit code. */
  mall<Document>(...words: readonly string[]): Promise<Answer<Document>>;
  /** The same, and it must end with 0. */
  succeeds<Document>(...words: readonly string[]): Promise<Document>;
  /** `./mall -f FILE …`, which goes on until it is told to end. */
  starts(...words: readonly string[]): Started;
  /** The mall's engine, for what happens to a server. */
  docker(...words: readonly string[]): Promise<string>;
  container(instance: string): string;
  /** Resolves once a run that began after this call has had writes acknowledged. @throws after a minute */
  begun(): Promise<void>;
  /** Killed, and started again at once or after a while. */
  killed(instance: string, awayMs?: number): Promise<void>;
  close(): Promise<void>;
}

/** Brought up with everything of the plan's defaults, or taken over from the suite before. */
export async function storefrontMall(): Promise<StorefrontMall> {
  const { name, portBase } = wholeMall;
  const folder = await mkdtemp(join(tmpdir(), "mall-shop-"));
  const file = join(folder, "mall.yaml");
  await writeFile(file, `name: ${name}\nprofile: small\nportBase: ${portBase}\n`);
  const engine = await ensureEngine();

  async function mall<Document>(...words: readonly string[]): Promise<Answer<Document>> {
    const done = await start(file, ["--json", ...words]);
    const text = `${done.stdout}\n${done.stderr}`;
    return { code: done.exitCode ?? -1, document: parsed(done.stdout) as Document, text };
  }
  async function succeeds<Document>(...words: readonly string[]): Promise<Document> {
    const { code, document, text } = await mall<Document>(...words);
    expect(code, text).toBe(exitCodes.ok);
    return document;
  }
  const docker = (...words: readonly string[]) => engine.docker(words);
  const container = (instance: string) => containerName(name, instance);

  const results = join(stateHome(), "malls", name, "storefront");
  const ledgers = async () =>
    (await readdir(results).catch(() => [])).filter((file) => file.startsWith("ledger-"));
  async function begun(): Promise<void> {
    const before = await ledgers();
    const written = async () => {
      const own = (await ledgers()).filter((file) => !before.includes(file));
      return (await Promise.all(own.map((file) => readFile(join(results, file), "utf8")))).join("");
    };
    await expect.poll(written, { timeout: 60_000 }).toContain('"is":"acknowledged"');
  }

  await succeeds("up");
  return {
    name,
    folder: results,
    mall,
    succeeds,
    starts: (...words) => start(file, words),
    docker,
    container,
    begun,
    killed: async (instance, awayMs = 0) => {
      await docker("kill", container(instance));
      await new Promise((resolve) => setTimeout(resolve, awayMs));
      await docker("start", container(instance));
    },
    close: async () => {
      await mall("down", "--volumes", "--yes");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

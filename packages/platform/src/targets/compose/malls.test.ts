import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { mallsKnown, strangers } from "./malls.ts";
import { ensureIdentity, mallFolders } from "./state.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "mall-malls-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

test("every folder is a mall, with an identity from its first up on; a file is none", async () => {
  expect(await mallsKnown(home)).toEqual([]);
  const { id } = await ensureIdentity(mallFolders(home, "shop"));
  await mkdir(join(home, "malls/begun"));
  await writeFile(join(home, "malls/note.txt"), "");
  expect((await mallsKnown(home)).map(({ name, id }) => [name, id]).sort()).toEqual([
    ["begun", undefined],
    ["shop", id],
  ]);
});

test("a mall whose volumes or containers carry another identity is kept by somebody else, whatever its name", async () => {
  const { id } = await ensureIdentity(mallFolders(home, "shop"));
  const labelled = (mall: string, of: string) => ({
    Labels: { "io.mallstack.mall": mall, "io.mallstack.id": of },
  });
  const engine = {
    api: async (path: string) =>
      path.startsWith("/volumes")
        ? { Volumes: [labelled("shop", id), labelled("theirs", "x"), labelled("theirs", "x")] }
        : [labelled("shop", id), labelled("shop-too", "y"), { Labels: null }],
  };
  expect(await strangers(engine, await mallsKnown(home))).toEqual(["shop-too", "theirs"]);
  expect(
    await strangers({ api: async (path) => (path.startsWith("/v") ? { Volumes: null } : []) }, []),
  ).toEqual([]);
});

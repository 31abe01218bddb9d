import { join } from "node:path";
import { expect, test } from "vitest";
import { commandsPage } from "./commands-page.ts";
import { root } from "./source.ts";

test("docs/commands.md says what --help says ('npx vitest run test/conventions -u' writes it)", async () => {
  await expect(await commandsPage()).toMatchFileSnapshot(join(root, "docs/commands.md"));
});

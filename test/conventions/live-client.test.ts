/** The live application's document and the types made of it are those of its routes. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fastify from "fastify";
import { expect, test } from "vitest";
import type { Context } from "../../packages/live/src/app/context.ts";
import { openApi } from "../../packages/live/src/app/openapi.ts";
import { apiRoutes } from "../../packages/live/src/app/server.ts";
import { root } from "./source.ts";

const document = join(root, "packages/live/openapi.json");

/** Whatever a route takes from its context when it is registered: nothing is asked here. */
const anything: object = new Proxy(() => anything, { get: () => anything });

test("openapi.json is what the routes say ('npm run live-client' writes it)", async () => {
  const app = fastify();
  await openApi(app);
  await apiRoutes(app, anything as Context);
  const { body } = await app.inject({ url: "/v1/openapi.json" });
  await expect(`${JSON.stringify(JSON.parse(body), undefined, 2)}\n`).toMatchFileSnapshot(document);
});

test("docs/live-application.md shows the example that the suite 'live' runs", () => {
  const [page, example] = ["docs/live-application.md", "packages/live/src/client/example.ts"].map((path) =>
    readFileSync(join(root, path), "utf8"),
  );
  expect(page).toContain(`\`\`\`ts\n${example}\`\`\`\n`);
});

test("the client's types were made of that document ('npm run live-client' makes them)", () => {
  const types = readFileSync(join(root, "packages/live/src/client/schema.ts"), "utf8");
  const [head = ""] = types.split("\n", 1);
  const digest = createHash("sha256")
    .update(readFileSync(document))
    .update(types.slice(head.length + 1))
    .digest("hex");
  expect(head).toContain(`: ${digest} `);
});

/** The OpenAPI document says what the routes take and answer. */
import fastify from "fastify";
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { described, openApi } from "./openapi.ts";

// biome-ignore lint/suspicious/noExplicitAny: a document without a type.
let document: any;

beforeAll(async () => {
  const app = fastify();
  await openApi(app);
  const query = z.strictObject({ page: z.coerce.number().int().min(0).default(0) });
  const body = z.strictObject({ startsAt: z.iso.datetime().transform((text) => new Date(text)) });
  const answer = z.object({ id: z.string() });
  const made = described({ summary: "Make", who: "operator", query, body, answer, status: 201 });
  app.post("/v1/things/:name", made, async (_request, reply) => reply.code(201).send({ id: 1, more: true }));
  app.delete("/v1/things/:name", described({ summary: "Delete", status: 204 }), async () => undefined);
  app.get("/internal", async () => ({}));
  document = JSON.parse((await app.inject({ url: "/v1/openapi.json" })).body);
  const sent = await app.inject({ method: "POST", url: "/v1/things/a?page=x", payload: { wrong: 1 } });
  // What is said is no second judge, and leaves nothing out of an answer.
  expect([sent.statusCode, sent.json()]).toEqual([201, { id: 1, more: true }]);
});

test("routes below /v1 are in it and no others", () => {
  expect(document.openapi).toBe("3.1.0");
  expect(Object.keys(document.paths).sort()).toEqual(["/v1/openapi.json", "/v1/things/{name}"]);
});

test("forms are as requests hold them, who may is said, and what is no success is a problem with its codes", () => {
  const { post, delete: remove } = document.paths["/v1/things/{name}"];
  expect(post.summary).toBe("Make");
  expect(post.security).toEqual([{ certificate: [] }]);
  expect(post.requestBody.content["application/json"].schema).toMatchObject({
    type: "object",
    required: ["startsAt"],
    additionalProperties: false,
  });
  expect(post.parameters).toContainEqual(
    expect.objectContaining({ in: "query", name: "page", required: false }),
  );
  expect(post.parameters).toContainEqual(
    expect.objectContaining({ in: "path", name: "name", required: true }),
  );
  expect(post.responses["201"].content["application/json"].schema.properties.id).toEqual({ type: "string" });
  expect(post.responses.default.content["application/json"].schema).toEqual({
    $ref: "#/components/schemas/Problem",
  });
  const codes = document.components.schemas.Problem.properties.code.enum;
  expect(codes).toContain("NO_SUCH_ROOM");
  expect(remove.responses["204"].content).toBeUndefined();
});

/**
 * The OpenAPI document, at `/v1/openapi.json`: made from what each route says of itself. Requests are judged by `parse`
 * in the routes, after it is known who asks; what is said here is the same forms. A form with a title is one of the
 * document's components.
 */
import { isDeepStrictEqual } from "node:util";
import swagger from "@fastify/swagger";
import type { FastifyInstance, FastifySchema } from "fastify";
import { z } from "zod";
import { problem } from "./answers.ts";

interface Operation {
  readonly summary: string;
  /** Who may: nobody named means anyone. */
  readonly who?: "operator" | "streamer" | "viewer";
  readonly query?: z.ZodType;
  readonly headers?: z.ZodType;
  readonly body?: z.ZodType;
  /** What the success looks like; undefined: it has no body. */
  readonly answer?: z.ZodType;
  /** Two: made now, or there already. */
  readonly status?: 200 | 201 | 204 | readonly [200, 201];
}

/** A route's `schema`. */
export const described = ({
  summary,
  who,
  query,
  headers,
  body,
  answer,
  status = 200,
}: Operation): { schema: FastifySchema } => ({
  schema: {
    summary,
    ...(who === undefined ? {} : { security: security[who] }),
    ...(query === undefined ? {} : { querystring: query }),
    ...(headers === undefined ? {} : { headers }),
    ...(body === undefined ? {} : { body }),
    response: {
      ...Object.fromEntries([status].flat().map((code) => [code, answer ?? nothing])),
      default: problem,
    },
  },
});

const nothing = z.null().describe("Done");
const security: Readonly<Record<NonNullable<Operation["who"]>, Record<string, string[]>[]>> = {
  operator: [{ certificate: [] }],
  streamer: [{ certificate: [] }, { token: [] }],
  viewer: [{ token: [] }],
};

declare module "fastify" {
  interface FastifySchema {
    summary?: string;
    security?: readonly Record<string, readonly string[]>[];
  }
}

const version = "1";

/** Before any route is registered. */
export async function openApi(app: FastifyInstance): Promise<void> {
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "mallstack live application", version },
      components: {
        securitySchemes: {
          // OpenAPI 3.1; the plugin knows the types of 3.0 alone.
          certificate: { type: "mutualTLS" } as unknown as {
            type: "openIdConnect";
            openIdConnectUrl: string;
          },
          token: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
        },
      },
    },
    transform: ({ schema, url }) => ({
      url,
      schema: url.startsWith("/v1/") ? asJson(schema) : { hide: true },
    }),
  });
  app.get("/v1/openapi.json", { schema: { summary: "This document" } }, async () => {
    const { components, ...document } = app.swagger() as {
      readonly components?: object;
      readonly paths?: object;
    };
    const schemas: Record<string, unknown> = {};
    const paths = hoisted(document.paths, schemas);
    return { ...document, paths, components: { ...components, schemas } };
  });
}

/** With a reference in place of each schema that has a title, which goes to `schemas`. @throws for two of one title */
function hoisted(value: unknown, schemas: Record<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((each) => hoisted(each, schemas));
  if (typeof value !== "object" || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, of]) => [key, hoisted(of, schemas)]));
  const { title } = copy;
  if (typeof title !== "string") return copy;
  schemas[title] ??= copy;
  if (!isDeepStrictEqual(schemas[title], copy)) throw new Error(`two schemas are named ${title}`);
  return { $ref: `#/components/schemas/${title}` };
}

const parts = ["body", "querystring", "headers", "params"] as const;

function asJson(schema: FastifySchema | undefined): FastifySchema {
  const json: Record<string, unknown> = { ...schema };
  for (const part of parts) {
    const form = schema?.[part];
    if (form instanceof z.ZodType) json[part] = jsonOf(form, "input");
  }
  const responses = (schema?.response ?? {}) as Readonly<Record<string, unknown>>;
  json.response = Object.fromEntries(
    Object.entries(responses).map(([status, form]) => [
      status,
      form instanceof z.ZodType ? jsonOf(form, "output") : form,
    ]),
  );
  return json;
}

function jsonOf(form: z.ZodType, io: "input" | "output"): object {
  const { $schema: _, ...json } = z.toJSONSchema(form, { io, unrepresentable: "any" });
  return json;
}

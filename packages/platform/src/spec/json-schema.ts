/** The JSON schema of mall.yaml, for editors: completion, descriptions and errors while typing. */
import { z } from "zod";
import type { MallSchema } from "./compose.ts";

/** Text of `mall.schema.json`, the same bytes for the same services. */
export function jsonSchemaText(of: MallSchema): string {
  const { $schema, ...schema } = z.toJSONSchema(of.schema, { io: "input" });
  return `${JSON.stringify(
    {
      $schema,
      title: "mall.yaml",
      description: "A mall's external services, as mallstack runs them. Every setting has a default.",
      ...schema,
    },
    null,
    2,
  )}\n`;
}

/** The live application's API for programs: the pages, `mall live`, a shop's own. Types are those of its OpenAPI document. */
import createClient, { type Client, defaultPathSerializer } from "openapi-fetch";
import type { components, paths } from "./schema.ts";

export type LiveClient = Client<paths, "application/json">;
/** What is answered, by the names that the document gives: `Schemas["RoomInfo"]`. */
export type Schemas = components["schemas"];

export interface LiveClientOptions {
  /** Origin of the edges, or of the application. The page's own when it is left out. */
  readonly baseUrl?: string;
  /** Of the user who asks. Without one: anyone, or whom the connection's certificate names. */
  readonly token?: string | undefined;
  /** Where the platform's own is not what sends. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/**
 * Each call resolves to `{ data, response }`, or to `{ error, response }` with the application's problem; it rejects
 * where nothing answers.
 */
export const liveClient = ({ token, ...options }: LiveClientOptions): LiveClient =>
  createClient<paths, "application/json">({
    ...options,
    pathSerializer: (path, parameters) => defaultPathSerializer(path, noSteps(parameters)),
    ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
  });

/** `.` and `..` are steps in any address, encoded or not (URL Standard, 4.4): a name that nothing has, instead. */
const noSteps = (parameters: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      value === "." || value === ".." ? value.replaceAll(".", "%2E") : value,
    ]),
  );

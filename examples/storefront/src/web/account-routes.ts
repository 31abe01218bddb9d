/** Who is asking: sign in as one of the shop's generated people (the sample has no passwords of its own), and out. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { certain } from "../products.ts";
import type { SessionInfo } from "./api.ts";
import { merchantNamed } from "./cards.ts";
import { merchantsNamed } from "./catalogue-routes.ts";
import { cookieOf, cookies, setCookie, type WebContext } from "./context.ts";

const sessionSeconds = 30 * 60;

const signIn = z.discriminatedUnion("as", [
  z.strictObject({ as: z.literal("consumer"), id: z.int().min(1) }),
  z.strictObject({ as: z.literal("merchant"), id: z.int().min(1) }),
]);

export const consumerOf = async (
  { shop }: WebContext,
  request: FastifyRequest,
): Promise<number | undefined> => {
  const token = cookieOf(request.headers.cookie, cookies.consumer);
  return token === undefined ? undefined : await shop.sessions.find(token);
};

export const merchantOf = async (
  { merchantSessions }: WebContext,
  request: FastifyRequest,
): Promise<number | undefined> => {
  const token = cookieOf(request.headers.cookie, cookies.merchant);
  return token === undefined ? undefined : await merchantSessions.find(token);
};

export function accountRoutes(app: FastifyInstance, context: WebContext): void {
  const { shop, merchantSessions, reading } = context;

  const consumerName = (id: number): Promise<string | undefined> =>
    certain(
      "consumer",
      () =>
        shop.replicas.use(async (session) => {
          const [row] = await session.rows<{ name: string }>("SELECT name FROM consumers WHERE id = ?", [id]);
          return row?.name;
        }),
      reading,
    );
  const merchantName = async (id: number) => (await merchantsNamed(context, [id])).get(id);

  app.get("/api/session", async (request): Promise<SessionInfo> => {
    const [consumerId, merchantId] = await Promise.all([
      consumerOf(context, request),
      merchantOf(context, request),
    ]);
    const [consumer, merchant, cart] = await Promise.all([
      consumerId === undefined ? undefined : consumerName(consumerId),
      merchantId === undefined ? undefined : merchantName(merchantId),
      consumerId === undefined ? [] : shop.carts.read(consumerId),
    ]);
    return {
      consumer:
        consumerId === undefined || consumer === undefined ? null : { id: consumerId, name: consumer },
      merchant:
        merchantId === undefined || merchant === undefined ? null : merchantNamed(merchantId, merchant),
      cartUnits: cart.reduce((sum, line) => sum + line.units, 0),
    };
  });

  app.post("/api/session", async (request, reply) => {
    const { as, id } = signIn.parse(request.body);
    const name = as === "consumer" ? await consumerName(id) : await merchantName(id);
    if (name === undefined) return reply.code(404).send({ error: "not-found", detail: `no such ${as}` });
    const token = await (as === "consumer" ? shop.sessions : merchantSessions).begin(id);
    return reply
      .header("set-cookie", setCookie(cookies[as], token, sessionSeconds))
      .code(204)
      .send();
  });

  app.delete("/api/session", async (request, reply) => {
    const consumer = cookieOf(request.headers.cookie, cookies.consumer);
    const merchant = cookieOf(request.headers.cookie, cookies.merchant);
    if (consumer !== undefined) await shop.sessions.end(consumer);
    if (merchant !== undefined) await merchantSessions.end(merchant);
    return reply
      .header("set-cookie", [setCookie(cookies.consumer, "", 0), setCookie(cookies.merchant, "", 0)])
      .code(204)
      .send();
  });
}

/** The live application's interface, asked with a certificate that it takes for the operator's. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ServicePlan } from "../../plan/model.ts";
import { type Answer, type Asker, askAt } from "../https-client.ts";
import type { Address } from "../service.ts";
import { routeNames } from "./names.ts";

export type OperatorAsker = Asker & { readonly own: ServicePlan };

/** @throws when this plan has no such route */
export function routeTo(ctx: OperatorAsker, key: keyof typeof routeNames): Address {
  const found = ctx.own.routes.find(({ name }) => name === routeNames[key]);
  if (found === undefined) throw new Error(`the plan has no route ${routeNames[key]}`);
  return ctx.net.route(found);
}

/** What either instance answers. @throws when none does */
export const askApplication = (
  ctx: OperatorAsker,
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: object,
): Promise<Answer> =>
  askAt(ctx, routeNames.app, routeTo(ctx, "app"), {
    method,
    path,
    ...(body === undefined ? {} : { body }),
  });

const pauseMs = 500;

/** Asks again where the answer is that a store is away for now, as often as whoever asks is patient. */
export async function whileAway(
  ctx: Pick<OperatorAsker, "patience" | "signal">,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  for (let left = ctx.patience; ; left -= 1) {
    const answer = await ask();
    if (answer.status !== 503 || left <= 1) return answer;
    await sleep(pauseMs, undefined, { signal: ctx.signal });
  }
}

/** The answer as JSON. @throws for any answer that is no success, by its code */
export async function operate<T>(
  ctx: OperatorAsker,
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: object,
): Promise<T> {
  const answer = await whileAway(ctx, () => askApplication(ctx, method, path, body));
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${codeOf(answer)}`);
  return (answer.text === "" ? undefined : JSON.parse(answer.text)) as T;
}

/** The application's stable code of a refusal; empty when it says none. */
export function codeOf({ text }: Answer): string {
  try {
    const said: unknown = JSON.parse(text);
    const code = typeof said === "object" && said !== null ? Reflect.get(said, "code") : undefined;
    return typeof code === "string" ? code : "";
  } catch {
    return "";
  }
}

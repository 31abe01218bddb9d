/** Which users there are, and which of their passwords are taken. */
import type { InstanceName } from "../../plan/model.ts";
import type { Ctx } from "../service.ts";
import { ask } from "./client.ts";
import { builtInUsers, isOurs, secretId } from "./names.ts";
import type { ElasticsearchSpec } from "./spec.ts";
import {
  type Acceptance,
  type Difference,
  isUp,
  type NodeState,
  type PasswordView,
  type Users,
} from "./state.ts";
import { acceptanceOf, nativeUsers } from "./users.ts";

interface UserView {
  readonly roles: readonly string[];
  readonly enabled: boolean;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** @returns undefined when the index of users cannot be read now: a refused log-in would say nothing then. */
export async function observeUsers(
  ctx: Ctx<ElasticsearchSpec>,
  from: InstanceName,
  nodes: readonly NodeState[],
): Promise<{ readonly view: Users; readonly ours: readonly string[] } | undefined> {
  const answer = await ask(ctx, from, { path: "/_security/user" });
  if (answer.status >= 300 && answer.status !== 404) return undefined;
  const found = answer.status === 404 ? {} : (answer.body as Readonly<Record<string, UserView>>);
  const wanted = nativeUsers(ctx.spec);
  const wrong = wanted.flatMap(({ name, role }): readonly Difference[] => {
    const difference = differenceOf(found[name], role);
    return difference === undefined ? [] : [{ name, difference }];
  });
  const passwords = await Promise.all([
    ...wanted.map(({ name }) => passwordOf(ctx, name, false, from, nodes)),
    ...builtInUsers.map((name) => passwordOf(ctx, name, true, from, nodes)),
  ]);
  const ours = Object.entries(found)
    .filter(([, user]) => isOurs(user.metadata))
    .map(([name]) => name);
  return { view: { wrong, passwords }, ours };
}

function differenceOf(user: UserView | undefined, role: string): string | undefined {
  if (user === undefined) return "absent";
  if (!user.enabled) return "switched off";
  if (user.roles.length !== 1 || user.roles[0] !== role) return "has other roles";
  return isOurs(user.metadata) ? undefined : "was made by somebody else";
}

/** Without a rotation one node speaks for all: the index is one. During one each node has files of its own. */
async function passwordOf(
  ctx: Ctx<ElasticsearchSpec>,
  user: string,
  builtIn: boolean,
  from: InstanceName,
  nodes: readonly NodeState[],
): Promise<PasswordView> {
  const id = secretId(user);
  const [present, other] = [await ctx.secrets.value(id), await ctx.secrets.previous(id)];
  const asked = other === undefined || builtIn ? [from] : nodes.filter(isUp).map((n) => n.instance);
  const isEverybody = asked.length === nodes.length;
  return {
    user,
    builtIn,
    present: await acceptance(ctx, user, present, asked, isEverybody),
    other: other === undefined ? undefined : await acceptance(ctx, user, other, asked, isEverybody),
  };
}

const acceptance = async (
  ctx: Ctx<ElasticsearchSpec>,
  user: string,
  password: string,
  asked: readonly InstanceName[],
  isEverybody: boolean,
): Promise<Acceptance> =>
  acceptanceOf(
    await Promise.all(asked.map((instance) => realmOf(ctx, instance, user, password))),
    isEverybody,
  );

/** By which realm a node takes a password; undefined when by none. @throws what is neither yes nor no. */
async function realmOf(
  ctx: Ctx<ElasticsearchSpec>,
  instance: InstanceName,
  user: string,
  password: string,
): Promise<string | undefined> {
  const answer = await ask(ctx, instance, {
    path: "/_security/_authenticate?filter_path=authentication_realm.name",
    login: { user, passwords: [password] },
  });
  if (answer.status === 401) return undefined;
  const realm = (answer.body as { readonly authentication_realm?: { readonly name?: string } })
    .authentication_realm?.name;
  if (answer.status >= 300 || realm === undefined) throw new Error(`${instance} answered ${answer.status}`);
  return realm;
}

/**
 * Every small world of a password's rotation: what each node has in its own files, what the index holds, who is away,
 * and which of the two values the agent calls the present one. No action may take a password from a client that has it.
 */
import { expect, test } from "vitest";
import { decide } from "./decide.ts";
import { realms } from "./names.ts";
import { elasticsearchSpec } from "./spec.ts";
import type { PasswordView } from "./state.ts";
import { withCluster } from "./testing/states.ts";
import { acceptanceOf } from "./users.ts";

const spec = elasticsearchSpec.parse({});
type Value = "former" | "latter";
interface World {
  /** What a node takes from its own files. */
  readonly files: readonly (Value | undefined)[];
  readonly up: readonly boolean[];
  /** What the index holds; `third`: somebody set another one. */
  readonly index: Value | "third";
  readonly present: Value;
  readonly other: Value | undefined;
}

const values = ["former", "latter"] as const;
const filesOf = [undefined, "former", "latter"] as const;

function* worlds(): Generator<World> {
  for (const a of filesOf)
    for (const b of filesOf)
      for (const c of filesOf)
        for (const index of [...values, "third"] as const)
          for (const away of [0, 1, 2, 4])
            for (const present of values)
              for (const other of [undefined, values.find((v) => v !== present)] as const)
                yield {
                  files: [a, b, c],
                  up: [0, 1, 2].map((i) => ((away >> i) & 1) === 0),
                  index,
                  present,
                  other,
                };
}

const realmOf = (world: World, node: number, value: Value): string | undefined =>
  world.files[node] === value ? realms.file : world.index === value ? realms.native : undefined;

/** As `observe-users.ts` sees it. */
function view(world: World): PasswordView {
  const asked = world.other === undefined ? [world.up.indexOf(true)] : [0, 1, 2].filter((i) => world.up[i]);
  const look = (value: Value) =>
    acceptanceOf(
      asked.map((node) => realmOf(world, node, value)),
      asked.length === 3,
    );
  return {
    user: "app",
    builtIn: false,
    present: look(world.present),
    other: world.other === undefined ? undefined : look(world.other),
  };
}

function decided(world: World): "present" | "other" | undefined {
  const actions = decide(spec, withCluster({ users: { wrong: [], passwords: [view(world)] } }));
  expect(actions.length).toBeLessThan(2);
  const [action] = actions;
  return action?.kind === "set-password" ? action.which : undefined;
}

const applied = (world: World, which: "present" | "other"): World => {
  const index = which === "present" ? world.present : world.other;
  if (index === undefined) throw new Error("there is no other one");
  return { ...world, index };
};

const takenBy = (world: World, value: Value): readonly number[] =>
  [0, 1, 2].filter((node) => realmOf(world, node, value) !== undefined);

test("no node stops taking a password that is in use, whatever is seen of the nodes", () => {
  let acted = 0;
  for (const world of worlds()) {
    const which = decided(world);
    if (which === undefined) continue;
    acted += 1;
    const after = applied(world, which);
    const inUse = world.other === undefined ? [world.present] : values;
    for (const value of inUse)
      for (const node of takenBy(world, value))
        expect(takenBy(after, value), JSON.stringify(world)).toContain(node);
  }
  expect(acted).toBeGreaterThan(50);
});

test("an action ends what asked for it", () => {
  for (const world of worlds()) {
    const which = decided(world);
    if (which !== undefined) expect(decided(applied(world, which)), JSON.stringify(world)).toBeUndefined();
  }
});

test("with all nodes there and one value in all files, both are taken everywhere in the end", () => {
  for (const world of worlds()) {
    const [file] = world.files;
    const isSettled = file !== undefined && world.files.every((f) => f === file) && world.up.every((u) => u);
    if (!isSettled || world.other === undefined) continue;
    const which = decided(world);
    const after = which === undefined ? world : applied(world, which);
    for (const value of values) expect(takenBy(after, value), JSON.stringify(world)).toEqual([0, 1, 2]);
  }
});

test("after a rotation the present one is taken", () => {
  for (const world of worlds()) {
    if (world.other !== undefined || !world.up.every((u) => u) || world.files.some((f) => f !== undefined))
      continue;
    const which = decided(world);
    const after = which === undefined ? world : applied(world, which);
    expect(takenBy(after, world.present)).toEqual([0, 1, 2]);
  }
});

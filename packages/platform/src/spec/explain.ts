/** Every setting with its meaning, its effective value and where that comes from. */
import type { Text } from "../text.ts";
import type { MallSchema } from "./compose.ts";
import type { LoadedMall, Origin } from "./load.ts";
import { defaultOf, descriptionOf, kindOf, settingsOf } from "./walk.ts";

export interface Setting {
  /** `services.mysql.memory` */
  readonly path: string;
  /** In the form a user writes it (`768Mi`); absent where there is no value. */
  readonly value?: unknown;
  readonly from: Origin;
  /** Line of the document that sets it. */
  readonly line?: number;
  readonly kind: Text;
  readonly description: Text;
}

const valueAt = (tree: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (at, part) => (typeof at === "object" && at !== null ? (at as Record<string, unknown>)[part] : undefined),
    tree,
  );

/** In the schema's order. A setting without a value, such as a mirror that is not used, is listed too. */
export function explain(loaded: LoadedMall, of: MallSchema): readonly Setting[] {
  return settingsOf(of.schema).map(({ path, schema }) => {
    const given = valueAt(loaded.merged, path);
    const chosen = path.length === 1 && path[0] === "profile" ? loaded.mall.site.profile : undefined;
    const value = given ?? chosen ?? defaultOf(schema);
    const from = loaded.origin(path);
    return {
      path: path.join("."),
      ...(value === undefined ? {} : { value }),
      from,
      ...(from === "user" ? { line: loaded.source.place(path, "key").line } : {}),
      kind: kindOf(schema),
      description: descriptionOf(schema),
    };
  });
}

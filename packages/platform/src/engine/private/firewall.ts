/**
 * What the engine does to the host's packet filter, and how exactly that is taken back. Pure: text in, text out.
 *
 * dockerd runs `iptables` from our folder: a script that gives Docker's chains this engine's own names and marks
 * each rule with a comment. Without that a second dockerd on a host clears the first one's chains when it starts
 * (it flushes and deletes `DOCKER…` before it makes them), so two malls, or a mall beside an installed Docker,
 * would cut each other's networks. And it makes every rule of ours recognisable when the engine is stopped.
 */
export interface Names {
  readonly chain: string;
  readonly mark: string;
}

/** Which iptables is behind: the host's own where it has one (its rules are in that one's tables), else ours. */
export type Backend =
  | { readonly kind: "host"; readonly folder: string }
  | {
      readonly kind: "unpacked";
      /** A multi-call program: its first argument says which command it is. */
      readonly program: string;
      readonly env: Readonly<Record<string, string>>;
    };

/** Program and leading arguments of one command of the family, such as `iptables-save`. */
export function commandOf(backend: Backend, name: string): readonly [string, ...string[]] {
  return backend.kind === "host" ? [`${backend.folder}/${name}`] : [backend.program, name];
}

/** The script that dockerd runs as `iptables` and, by a link of that name, as `ip6tables`. */
export function wrapperScript(names: Names, backend: Backend): string {
  const env = backend.kind === "host" ? {} : backend.env;
  const command =
    backend.kind === "host"
      ? `${quote(backend.folder)}/"\${0##*/}"`
      : `${quote(backend.program)} "\${0##*/}"`;
  return [
    "#!/bin/sh",
    "# Gives Docker's chains this engine's own names and marks its rules: two engines on one host, or another",
    "# Docker, never share or clear each other's, and ours can be removed exactly. Made by mallstack.",
    ...Object.entries(env).map(([key, value]) => `export ${key}=${quote(value)}`),
    "rule=",
    "for arg; do",
    "  shift",
    "  case $arg in",
    `    DOCKER) arg=${names.chain} ;;`,
    `    DOCKER-*) arg=${names.chain}-\${arg#DOCKER-} ;;`,
    "    -A | -I | -D | -C) rule=1 ;;",
    "  esac",
    '  set -- "$@" "$arg"',
    "done",
    `[ -z "$rule" ] || set -- "$@" -m comment --comment ${names.mark}`,
    `exec ${command} "$@"`,
    "",
  ].join("\n");
}

/** For sh. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

interface Table {
  readonly name: string;
  /** ":FORWARD DROP" → FORWARD, DROP; own chains have the policy "-". */
  readonly chains: ReadonlyMap<string, string>;
  readonly rules: readonly string[];
}

/** Output of iptables-save. */
export function parseSave(save: string): Table[] {
  const tables: { name: string; chains: Map<string, string>; rules: string[] }[] = [];
  for (const raw of save.split("\n")) {
    const line = raw.trim();
    const table = tables.at(-1);
    if (line.startsWith("*")) tables.push({ name: line.slice(1), chains: new Map(), rules: [] });
    else if (line.startsWith(":") && table) {
      const [chain, policy] = line.slice(1).split(" ");
      if (chain && policy) table.chains.set(chain, policy);
    } else if (line.startsWith("-A ") && table) table.rules.push(line);
  }
  return tables;
}

const isOwnChain = (chain: string, names: Names) =>
  chain === names.chain || chain.startsWith(`${names.chain}-`);
const hasMark = (rule: string, names: Names) =>
  rule.includes(`--comment ${names.mark} `) || rule.includes(`--comment "${names.mark}"`);

/**
 * What iptables-restore --noflush has to read so that every rule and chain of this engine is gone and nothing
 * else changed; "" when there is none. One transaction a table.
 */
export function removalScript(save: string, names: Names): string {
  const out: string[] = [];
  for (const table of parseSave(save)) {
    const chains = [...table.chains.keys()].filter((chain) => isOwnChain(chain, names));
    const jumps = table.rules.filter((rule) => {
      const chain = rule.split(" ")[1] ?? "";
      return hasMark(rule, names) && !isOwnChain(chain, names);
    });
    if (chains.length === 0 && jumps.length === 0) continue;
    out.push(
      `*${table.name}`,
      ...chains.map((chain) => `-F ${chain}`),
      ...jumps.map((rule) => rule.replace(/^-A /, "-D ")),
      ...chains.map((chain) => `-X ${chain}`),
      "COMMIT",
    );
  }
  return out.length === 0 ? "" : `${out.join("\n")}\n`;
}

/** Bridges that this engine's rules speak of: `mall-xxxx`, `br-` and twelve hex digits of a network's id. */
export function bridgesIn(save: string, names: Names): string[] {
  const found = new Set<string>();
  for (const { rules } of parseSave(save)) {
    for (const rule of rules) {
      if (!hasMark(rule, names)) continue;
      for (const match of rule.matchAll(/-[io] (br-[0-9a-f]{12}|mall-[0-9a-f]{4})\b/g)) {
        if (match[1]) found.add(match[1]);
      }
    }
  }
  return [...found].sort();
}

/** Tables that hold only built-in chains with policy ACCEPT and that were not there before: iptables made them. */
export function tablesToDrop(before: string, now: string): string[] {
  const had = new Set(parseSave(before).map((table) => table.name));
  return parseSave(now)
    .filter((table) => !had.has(table.name) && table.rules.length === 0)
    .filter((table) => [...table.chains.values()].every((policy) => policy === "ACCEPT"))
    .map((table) => table.name);
}

/** The policy of the FORWARD chain; the kernel's default is ACCEPT. */
export function forwardPolicy(save: string): string {
  return (
    parseSave(save)
      .find((table) => table.name === "filter")
      ?.chains.get("FORWARD") ?? "ACCEPT"
  );
}

/** Whether some other Docker has its chains here: then it depends on forwarding, whoever turned that on. */
export function hasForeignDocker(save: string): boolean {
  return parseSave(save).some((table) =>
    [...table.chains.keys()].some((chain) => /^DOCKER(-|$)/.test(chain)),
  );
}

/** Lines that one has and the other has not, without comments and packet counts. Both empty: the same filter. */
export function differences(
  before: string,
  after: string,
): { readonly added: string[]; readonly removed: string[] } {
  const a = comparable(before);
  const b = comparable(after);
  return { added: b.filter((line) => !a.includes(line)), removed: a.filter((line) => !b.includes(line)) };
}

function comparable(save: string): string[] {
  return parseSave(save).flatMap((table) => [
    `*${table.name}`,
    ...[...table.chains].map(([chain, policy]) => `*${table.name} :${chain} ${policy}`),
    ...table.rules.map((rule) => `*${table.name} ${rule}`),
  ]);
}

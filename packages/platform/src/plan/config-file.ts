/** Text of a configuration file, and digests of what a change to it would need. */
import { createHash } from "node:crypto";
import type { Apply, ConfigFile, Instance } from "./model.ts";

/** The file's bytes as the server reads them. Settings keep the plan's order: some servers care. */
export function fileContent(file: ConfigFile): string {
  switch (file.format) {
    case "text":
      return file.content;
    case "directives":
      return `${file.settings.map((s) => `${s.key} ${s.value}`).join("\n")}\n`;
    case "ini":
      return `[${file.section}]\n${file.settings.map((s) => (s.value === "" ? s.key : `${s.key} = ${s.value}`)).join("\n")}\n`;
  }
}

/** What of an instance's files takes effect only by `apply`: the part whose change asks for that step. */
export function appliedBy(instance: Instance, apply: Apply): readonly string[] {
  return instance.files.flatMap((file) =>
    file.format === "text"
      ? file.apply === apply
        ? [`${file.path}\n${file.content}`]
        : []
      : file.settings.filter((s) => s.apply === apply).map((s) => `${file.path}: ${s.key} = ${s.value}`),
  );
}

/** First 16 hex digits of the SHA-256 of anything that is plain JSON, whatever the order of its keys. */
export function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value, sortedKeys)).digest("hex").slice(0, 16);
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

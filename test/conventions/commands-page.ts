/** docs/commands.md: the help of every command, as the command line prints it. */
import picocolors from "picocolors";
import { type HelpStyle, rootHelp, verbHelp } from "../../packages/platform/src/cli/help.ts";
import { sections } from "../../packages/platform/src/cli/verbs.ts";

const style: HelpStyle = { language: "en", colors: picocolors.createColors(false), width: 100 };

const block = (text: string): string => `\`\`\`text\n${text.trimEnd()}\n\`\`\`\n`;

export async function commandsPage(): Promise<string> {
  const pages: string[] = [];
  for (const section of sections) {
    for (const entry of section.entries)
      for (const leaf of "verbs" in entry ? entry.verbs : [entry]) {
        const path = leaf === entry ? entry.name : `${entry.name} ${leaf.name}`;
        const { default: verb } = await leaf.load();
        pages.push(`## mall ${path}\n\n${block(verbHelp(path, leaf.summary, verb, style))}`);
      }
  }
  return `# Commands

What \`./mall --help\` and \`./mall <command> --help\` print; with \`--lang zh\` in Chinese. Exit codes and errors are in
[errors.md](errors.md). This page is made from the code: \`npx vitest run test/conventions -u\` writes it.

${block(rootHelp(sections, style))}
${pages.join("\n")}`;
}

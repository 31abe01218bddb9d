/** What a build says, line by line, made into a word for the progress line and the lines that explain a failure. */

const step = /^#\d+ \[(?:([a-z-]+) )?(\d+)\/(\d+)\] (\S+)/;

/** Short name of what is being done, or undefined when the line begins nothing. */
export function phaseOf(line: string): string | undefined {
  const match = step.exec(line);
  if (match?.[4] === "RUN") return "packages";
  if (match !== null) return undefined;
  if (/^#\d+ \[internal\] load build context/.test(line)) return "context";
  if (/^#\d+ exporting to image/.test(line)) return "image";
  return undefined;
}

/**
 * The last lines that say why: what the failed step itself printed, without step numbers and times. BuildKit repeats
 * only ten of them at the end, and then prints the Dockerfile around the step.
 */
export function failureLines(lines: readonly string[], count = 15): string {
  const failed = lines.map((line) => /^#(\d+) ERROR: /.exec(line)?.[1]).find((step) => step !== undefined);
  const output = new RegExp(`^#${failed} \\d+\\.\\d+ (.*)$`);
  const own = lines.flatMap((line) => output.exec(line)?.[1] ?? []);
  const told = own.length > 0 ? own : lines;
  return told
    .filter((line) => line.trim() !== "")
    .slice(-count)
    .join("\n");
}

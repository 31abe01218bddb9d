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
 * The last lines that say why. BuildKit repeats the failed step's own output between two rulers and then prints the
 * Dockerfile around it: the first says more. Its step numbers and times are left out.
 */
export function failureLines(lines: readonly string[], count = 15): string {
  const end = lines.lastIndexOf("------");
  const start = end < 0 ? -1 : lines.lastIndexOf("------", end - 1);
  const own = start < 0 ? [] : lines.slice(start + 2, end);
  const told = own.some((line) => line.trim() !== "") ? own : lines.filter((line) => line.trim() !== "");
  return told
    .map((line) => line.replace(/^(?:#\d+ )?\d+\.\d+ /, ""))
    .slice(-count)
    .join("\n");
}

/** Columns that text takes on a terminal: Chinese characters take two, colour codes none. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with the escape character.
const ansi = /\u001B\[[0-9;]*m/g;

// East Asian Wide and Fullwidth blocks in use (Unicode UAX #11), and pictographs.
const wide =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\u33FF\u3400-\u4DBF\u4E00-\u9FFF\uA000-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE4F\uFF00-\uFF60\uFFE0-\uFFE6]|[\u{1F300}-\u{1FAFF}]|[\u{20000}-\u{3FFFD}]/u;

export const plainText = (text: string): string => text.replaceAll(ansi, "");

export function displayWidth(text: string): number {
  let columns = 0;
  for (const character of plainText(text)) columns += wide.test(character) ? 2 : 1;
  return columns;
}

/** Filled with spaces on the right up to `columns`; longer text is left as it is. */
export const padEnd = (text: string, columns: number): string =>
  text + " ".repeat(Math.max(0, columns - displayWidth(text)));

/** Cut to at most `columns`, with an ellipsis in the last one. Takes text without colour codes. */
export function truncate(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let kept = "";
  let used = 1;
  for (const character of text) {
    used += displayWidth(character);
    if (used > columns) break;
    kept += character;
  }
  return `${kept}…`;
}

/**
 * What a line cannot be broken inside of: a Chinese character or a word. A full-width stop, comma or closing mark stays
 * with what is before it, an opening one with what follows.
 */
const pieces =
  /[\uFF08\u201C]*(?:[\u2E80-\u9FFF\uFF00-\uFFEF]|[^\s\u2E80-\u9FFF\uFF00-\uFFEF]+)[\u3001\u3002\uFF01\uFF09\uFF0C\uFF1A\uFF1B\uFF1F\u201D]*|\s+/gu;

/** Broken into lines of at most `columns`, at spaces, or between Chinese characters, which have no spaces. */
export function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const piece of paragraph.match(pieces) ?? [""]) {
      if (displayWidth(line) + displayWidth(piece.trimEnd()) > columns && line.trim() !== "") {
        lines.push(line.trimEnd());
        line = piece.trimStart();
      } else line += piece;
    }
    lines.push(line.trimEnd());
  }
  return lines;
}

/** Rows as aligned columns, two spaces apart; nothing trails. */
export function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, displayWidth(cell));
  return rows.map((row) =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : padEnd(cell, widths[i] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

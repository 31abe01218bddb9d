/** Cuts a stream of pieces of text into lines; the last one is said once its end has come. */
export function lineSplitter(
  onLine: (line: string) => void,
  mostCharacters = 65_536,
): (piece: string) => void {
  let rest = "";
  return (piece) => {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    // A program that never ends its line must not take our memory.
    if (rest.length > mostCharacters) rest = "";
    for (const line of lines) onLine(line);
  };
}

/** Progress of long work: a bar that is redrawn on a terminal, a line now and then elsewhere. */
import pc from "picocolors";

export interface Progress {
  /** Work done since the last call. */
  add(count: number): void;
  /** Ends the bar with its time. */
  done(): void;
}

export interface ProgressOptions {
  readonly label: string;
  readonly total: number;
  /** `ms`: the work is time itself. */
  readonly unit?: "ms";
  readonly out: { readonly isTTY?: boolean; write(text: string): unknown };
  readonly now?: () => number;
}

const barWidth = 28;
const redrawMs = 100;
const lineMs = 5_000;

export function progress({ label, total, unit, out, now = Date.now }: ProgressOptions): Progress {
  const began = now();
  let count = 0;
  let last = began;
  const seconds = () => `${((now() - began) / 1_000).toFixed(1)} s`;
  const amount = (n: number) => (unit === "ms" ? `${Math.round(n / 1_000)} s` : n.toLocaleString("en"));
  const numbers = () => `${amount(count)} of ${amount(total)}`;
  const draw = () => {
    const share = total === 0 ? 1 : Math.min(1, count / total);
    const filled = Math.round(share * barWidth);
    const bar = `${pc.cyan("█".repeat(filled))}${pc.dim("░".repeat(barWidth - filled))}`;
    const left =
      share > 0 && share < 1
        ? `, ${Math.ceil(((now() - began) / share - (now() - began)) / 1_000)} s left`
        : "";
    out.write(`\r\u001b[2K${label.padEnd(10)} ${bar} ${numbers()}, ${seconds()}${left}`);
  };
  const tty = out.isTTY === true;
  if (tty) draw();
  return {
    add: (more) => {
      count += more;
      const at = now();
      if (at - last < (tty ? redrawMs : lineMs)) return;
      last = at;
      if (tty) draw();
      else out.write(`${label}: ${numbers()}, ${seconds()}\n`);
    },
    done: () => {
      if (tty) {
        draw();
        out.write("\n");
      } else out.write(`${label}: ${amount(count)} done in ${seconds()}\n`);
    },
  };
}

import { expect, test } from "vitest";
import { trapSignals } from "./signals.ts";

function fakeProcess() {
  const listeners = new Map<string, () => void>();
  const exits: number[] = [];
  return {
    exits,
    on: (name: string, listener: () => void) => listeners.set(name, listener),
    exit: (code: number) => exits.push(code),
    send: (name: string) => listeners.get(name)?.(),
  };
}

test("the first asks for a clean end, the second ends at once", () => {
  const process = fakeProcess();
  const { signal } = trapSignals(process);
  process.send("SIGINT");
  expect(signal.aborted).toBe(true);
  expect(process.exits).toEqual([]);
  process.send("SIGTERM");
  expect(process.exits).toEqual([130]);
});

test("a foreground client has them for itself", () => {
  const process = fakeProcess();
  const { signal, leave } = trapSignals(process);
  leave();
  process.send("SIGINT");
  process.send("SIGINT");
  expect(signal.aborted).toBe(false);
  expect(process.exits).toEqual([]);
});

import { expect, it } from "vitest";
import { interfaces, parseInterfaces } from "./interfaces.ts";

it("reads names and passes over the heading", async () => {
  const text = `Inter-|   Receive                    |  Transmit
 face |bytes    packets errs drop fifo |bytes
    lo:  5186      62    0    0
mall-a901: 0       0    0    0
`;
  expect(parseInterfaces(text)).toEqual(["lo", "mall-a901"]);
  expect(await interfaces()).toContain("lo");
});

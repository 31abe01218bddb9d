import { expect, it } from "vitest";
import { mountsBelow } from "./stop.ts";

it("finds mounts at and below a folder, the deepest first, with escaped names", () => {
  const mountinfo = [
    "21 1 8:1 / / rw - ext4 /dev/a rw",
    "30 21 0:5 / /state/engine/data rw - tmpfs none rw",
    "31 30 0:5 / /state/engine/data/over\\040lay rw - tmpfs none rw",
    "32 21 0:5 / /state/engine2 rw - tmpfs none rw",
    "",
  ].join("\n");
  expect(mountsBelow(mountinfo, "/state/engine")).toEqual([
    "/state/engine/data/over lay",
    "/state/engine/data",
  ]);
});

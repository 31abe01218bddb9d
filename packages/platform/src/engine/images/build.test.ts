import { expect, test } from "vitest";
import { imageTag, requireSupported } from "./build.ts";
import { failureLines, phaseOf } from "./build-log.ts";
import type { ImageDefinition } from "./definition.ts";
import { fromPackages } from "./inputs.ts";

const definition: ImageDefinition = {
  name: "thing",
  title: "Thing",
  licence: "MIT",
  suite: "sid",
  stateful: true,
  supported: ">=9.7 <9.8",
  override: ">=8.4 <10",
  buildSeconds: 30,
  inputs: [],
};

test("a version outside of the range stops the build and says found, range and what to do", () => {
  requireSupported(definition, fromPackages, "9.7.4");
  requireSupported(definition, "thing:8.4", "8.4.6");
  expect.assertions(4);
  try {
    requireSupported(definition, fromPackages, "9.8.0");
  } catch (error) {
    expect(error).toMatchObject({ code: "IMAGE_VERSION_UNSUPPORTED" });
    expect(String(error)).toContain("Debian sid gives thing 9.8.0");
    expect(String(error)).toContain(">=9.7 <9.8");
  }
  expect(() => requireSupported(definition, "thing:8.0", "8.0.36")).toThrow("thing:8.0 gives thing 8.0.36");
});

test("the tag follows inputs and packages, and tells an override", () => {
  const tag = imageTag("thing", fromPackages, "a", "b");
  expect(tag).toMatch(/^mallstack\/thing:[0-9a-f]{12}$/);
  expect(imageTag("thing", fromPackages, "a", "b")).toBe(tag);
  expect(imageTag("thing", fromPackages, "a", "c")).not.toBe(tag);
  expect(imageTag("thing", fromPackages, "c", "b")).not.toBe(tag);
  expect(imageTag("thing", "thing:8.4", "a", "b")).toMatch(/^mallstack\/thing:ovr-[0-9a-f]{12}$/);
});

const log = `#5 [packages 1/2] FROM base
#6 [packages 2/2] RUN /common/assemble thing
#6 0.912 Err:1 http://deb.example/debian sid InRelease
#7 0.912 of another step
#6 0.913   Temporary failure resolving 'deb.example'
#6 0.915 E: Some index files failed to download.
#6 ERROR: process "/bin/sh -c /common/assemble" did not complete successfully: exit code: 100
------
 > [packages 2/2] RUN /common/assemble thing:
0.915 E: Some index files failed to download.
------
Dockerfile:11
--------------------
  11 | >>> RUN /common/assemble thing
--------------------
ERROR: failed to build: failed to solve`.split("\n");

test("a failure is told by the failed step's own last lines", () => {
  expect(failureLines(log)).toBe(
    "Err:1 http://deb.example/debian sid InRelease\n  Temporary failure resolving 'deb.example'\nE: Some index files failed to download.",
  );
  expect(failureLines(log, 1)).toBe("E: Some index files failed to download.");
});

test("without such a step the last lines of all are told", () => {
  expect(failureLines(["#1 DONE", "", "ERROR: failed to read dockerfile"])).toBe(
    "#1 DONE\nERROR: failed to read dockerfile",
  );
});

test.each([
  ["#6 [packages 2/2] RUN --mount=type=bind /common/assemble", "packages"],
  ["#3 [internal] load build context", "context"],
  ["#9 exporting to image", "image"],
  ["#6 1.234 Unpacking", undefined],
  ["#7 [built 1/3] COPY --from=packages /out /", undefined],
])("%s → %s", (line, phase) => {
  expect(phaseOf(line)).toBe(phase);
});

// End-to-end suites: real servers in containers. One file at a time, as `./mall test` runs them.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    include: ["test/e2e/**/*.test.ts"],
    pool: "forks",
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 600_000,
    teardownTimeout: 60_000,
    // The whole of what an assertion saw: the machine that ran it may be gone when it is read.
    chaiConfig: { truncateThreshold: 0 },
  },
});

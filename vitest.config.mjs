import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/*/{src,page}/**/*.test.ts", "examples/*/src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "test/e2e/**"],
    pool: "threads",
    maxWorkers: 2,
    // The simulations compute for four seconds; on a machine that does much else, for fifteen and more.
    testTimeout: 60_000,
  },
});

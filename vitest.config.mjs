import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/*/{src,page}/**/*.test.ts", "examples/*/src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "test/e2e/**"],
    pool: "threads",
    maxWorkers: 2,
    // The simulations compute for ten seconds; on a machine that does much else, for a minute and more.
    testTimeout: 180_000,
  },
});

/** One process that finds or starts the engine, to be killed in the middle by test/e2e/engine.test.ts. */
import { ensureEngine } from "../../packages/platform/src/engine/find.ts";

await ensureEngine();

/** The one shape of every image's health check. */
import type { Probe } from "../plan/model.ts";

/**
 * The image's own /usr/local/bin/healthcheck.
 * @param startSeconds within which a first answer is due; failures until then do not count
 */
export const healthcheck = (startSeconds: number): Probe => ({
  command: ["/usr/local/bin/healthcheck"],
  // A busy machine takes seconds to begin a process in a container.
  timeoutSeconds: 10,
  retries: 3,
  startSeconds,
});

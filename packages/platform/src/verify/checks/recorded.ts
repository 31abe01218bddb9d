/** A check that only a program outside of the platform can carry out; what it recorded is shown with its age. */
import type { Check } from "../../services/service.ts";
import type { Text } from "../../text.ts";

export interface Recorded {
  readonly id: string;
  readonly requirements: readonly string[];
  readonly title: Text;
  /** The program that measures it and hands its result to `mall verify --record`. */
  readonly measuredBy: string;
}

export const recorded = ({ id, requirements, title, measuredBy }: Recorded): Check => ({
  id,
  requirements,
  title,
  // It loads the servers as a crowd of users does.
  kind: "disruptive",
  needs: [],
  recordedBy: measuredBy,
  run: () => Promise.reject(new Error(`${measuredBy} measures this; the platform cannot`)),
});

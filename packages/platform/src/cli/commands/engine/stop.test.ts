import { expect, it } from "vitest";
import { hostWords } from "./stop.ts";

it("says of the host's network what is so, and nothing of what is not known", () => {
  expect(hostWords({ others: ["/a/engine", "/b/engine"], differences: undefined }).en).toContain(
    "other private engines still run on this machine (/a/engine, /b/engine)",
  );
  expect(hostWords({ others: [], differences: undefined })).toEqual({ en: "", zh: "" });
  expect(hostWords({ others: [], differences: { added: [], removed: [] } })).toEqual({ en: "", zh: "" });
  expect(hostWords({ others: [], differences: { added: ["-A X"], removed: ["-P Y"] } }).en).toContain(
    "2 rules",
  );
});

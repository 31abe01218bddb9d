import { expect, test } from "vitest";
import { isPasswordOf, sha256Crypt } from "./sha-crypt.ts";

/** `HEX(authentication_string)` of accounts that MySQL 9.7.4 made. */
const stored = {
  Zq8vT2m:
    "24412430304124285C754260462211465074201D706227296C776838567830575A2E7A727A396A6A6D31496643647336554C514D7651326337354C464667693078304F4E442F",
  w0123456789012345678901234567890123456789:
    "2441243030412416433B675D562E4B3F38653B7963302B3A0C7A0872736E53795555596A7351525352564746526C4E41686B4C754B62704847616D4250574474714739757533",
} as const;

test("the hashes that a server stored are those of their passwords, and of no other", () => {
  for (const [password, hash] of Object.entries(stored)) {
    expect(isPasswordOf(hash, password)).toBe(true);
    expect(isPasswordOf(hash, `${password} `)).toBe(false);
    expect(isPasswordOf(hash, "")).toBe(false);
    // Asked again: from memory, and the same.
    expect(isPasswordOf(hash, password)).toBe(true);
  }
});

test("the published vector of SHA-256 crypt", () => {
  expect(sha256Crypt(Buffer.from("Hello world!"), Buffer.from("saltstring"), 5_000)).toBe(
    "5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
  );
});

test("another plugin's hash, none at all, or half of one is nobody's password", () => {
  for (const hash of ["", "2A", stored.Zq8vT2m.slice(0, -2)])
    expect(isPasswordOf(hash, "Zq8vT2m")).toBe(false);
});

import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { issueToken, readToken, type User } from "./tokens.ts";

const rules = { issuer: "mall", audience: "live" };
const key = "t".repeat(32);
const now = 1_800_000_000_000;
const streamer: User = { subject: "u1", role: "streamer", merchant: "m1" };
const token = issueToken(streamer, now + 60_000, rules, key);
const read = (of: string, at = now, keys: readonly string[] = [key]) => readToken(of, keys, rules, at);

/** Signed correctly, whatever it says. */
function made(header: object, claims: object): string {
  const part = (of: object) => Buffer.from(JSON.stringify(of)).toString("base64url");
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
}
const hs256 = { alg: "HS256", typ: "JWT" };
const claims = { iss: "mall", aud: "live", sub: "u2", exp: now / 1_000 + 60, role: "viewer" };

test("what was issued is read, also by the previous key and after some seconds of another clock", () => {
  expect(read(token)).toEqual(streamer);
  expect(read(token, now, ["n".repeat(32), key])).toEqual(streamer);
  expect(read(token, now + 64_000)).toEqual(streamer);
  expect(read(made(hs256, { ...claims, aud: ["shop", "live"] }))).toEqual({
    subject: "u2",
    role: "viewer",
    merchant: undefined,
  });
});

test.each([
  ["expired", token, now + 65_000],
  ["another key", issueToken(streamer, now + 60_000, rules, "x".repeat(32)), now],
  ["another issuer", made(hs256, { ...claims, iss: "elsewhere" }), now],
  ["another audience", made(hs256, { ...claims, aud: ["shop"] }), now],
  ["not valid yet", made(hs256, { ...claims, nbf: now / 1_000 + 6 }), now],
  ["without an end", made(hs256, { ...claims, exp: undefined }), now],
  ["a role of its own", made(hs256, { ...claims, role: "operator" }), now],
  ["a streamer of no merchant", made(hs256, { ...claims, role: "streamer" }), now],
  ["another algorithm", made({ alg: "HS512" }, claims), now],
  ["none", `${Buffer.from('{"alg":"none"}').toString("base64url")}.${token.split(".")[1]}.`, now],
  ["critical extensions", made({ ...hs256, crit: ["exp"] }, claims), now],
  ["altered", `${token.slice(0, -2)}AA`, now],
  ["empty", "", now],
  ["two parts", token.split(".").slice(0, 2).join("."), now],
  ["no JSON", `e30.e30e.${"A".repeat(43)}`, now],
  ["too long", `${token}${"A".repeat(5_000)}`, now],
])("refused: %s", (_, of, at) => {
  expect(() => read(of, at)).toThrow("TOKEN_WRONG");
});

test("without a key nothing is a token", () => {
  expect(() => read(token, now, [])).toThrow("TOKEN_WRONG");
});

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { faultOf, type Hook, parseHook } from "./hook.ts";

/** As nginx 1.30 with the module 1.2.2 sends it. */
const session =
  "app=live&flashver=FMLE/3.0%20(compatible%3B%20Lavf63.0.0)&swfurl=&tcurl=rtmp://ingest:1935/live&pageurl=&addr=10.0.0.7&clientid=12";

test("a publisher", () => {
  expect(parseHook(`${session}&call=publish&name=room-1&type=live&key=abc&x=1`)).toEqual({
    call: "publish",
    app: "live",
    clientId: "12",
    address: "10.0.0.7",
    name: "room-1",
    query: "key=abc&x=1",
  });
  expect(parseHook(`${session}&call=publish&name=room-1&type=live`)?.query).toBe("");
});

test("updates and ends", () => {
  const update = parseHook(`${session}&call=update_publish&time=4&timestamp=4002&name=room-1&key=abc`);
  expect(update).toMatchObject({ call: "update_publish", clientId: "12", name: "room-1", query: "key=abc" });
  expect(parseHook(`${session}&call=publish_done&name=room-1&key=abc`)).toMatchObject({
    call: "publish_done",
  });
});

test.each([
  "",
  "call=publish&name=room-1",
  session,
  `${session}&call=publish&type=live&name=room-1`,
  `${session.replace("clientid=12", "clientid=x")}&call=publish&name=room-1&type=live`,
])("not what the module sends: %j", (body) => {
  expect(parseHook(body)).toBeUndefined();
});

test("nothing that a client appends changes what the module said", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (query) => {
      const hook = parseHook(`${session}&call=publish&name=room-1&type=live&${query}`);
      expect(hook).toEqual({
        call: "publish",
        app: "live",
        clientId: "12",
        address: "10.0.0.7",
        name: "room-1",
        query,
      });
    }),
  );
  const forged = "name=other&clientid=1&call=publish_done&addr=127.0.0.1";
  expect(parseHook(`${session}&call=publish&name=room-1&type=live&${forged}`)).toMatchObject({
    name: "room-1",
    clientId: "12",
    call: "publish",
    address: "10.0.0.7",
  });
});

const hook = (change: Partial<Hook>): Hook => ({
  call: "publish",
  app: "live",
  clientId: "1",
  address: "10.0.0.7",
  name: "room-1",
  query: "key=abc",
  ...change,
});

test.each<[Partial<Hook>, string | undefined]>([
  [{}, undefined],
  [{ query: "" }, undefined],
  [{ query: "txSecret=a&txTime=b" }, undefined],
  [{ query: "x=1&x=2" }, undefined],
  [{ app: "other" }, "WRONG_APPLICATION"],
  [{ name: "../etc" }, "BAD_NAME"],
  [{ name: "" }, "BAD_NAME"],
  [{ name: "Room" }, "BAD_NAME"],
  [{ name: "直播" }, "BAD_NAME"],
  [{ name: "a".repeat(65) }, "BAD_NAME"],
  [{ name: "a".repeat(255), query: "" }, "TOO_LONG"],
  [{ query: "k".repeat(248) }, "TOO_LONG"],
  [{ query: "k".repeat(247) }, undefined],
  [{ query: "key=a&key=b" }, "REPEATED_PARAMETER"],
  [{ query: "key=a&%6bey=b" }, "REPEATED_PARAMETER"],
  [{ query: "key=a&KEY=b" }, "REPEATED_PARAMETER"],
  [{ query: "auth_key=a&auth_key=b" }, "REPEATED_PARAMETER"],
  [{ query: "txTime=a&txTime=b" }, "REPEATED_PARAMETER"],
  [{ query: "key=a&name=other" }, "REPEATED_PARAMETER"],
  [{ query: "clientid=7" }, "REPEATED_PARAMETER"],
])("%j: %s", (change, code) => {
  expect(faultOf(hook(change))?.code).toBe(code);
});

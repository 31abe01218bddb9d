/** The parts of the read-back that compare stores, each shown to find what it is for. */
import { hash } from "node:crypto";
import { expect, test } from "vitest";
import { type Draft, eventId, topics } from "./events/schema.ts";
import { recordBook } from "./readback-events.ts";
import { pictureFindings } from "./readback-pictures.ts";
import { differences, searchFindings } from "./readback-search.ts";
import type { ProductDocument } from "./search/document.ts";

const load = "c".repeat(32);
const change = (version: number, more: object = {}) => {
  const draft: Draft = {
    type: "product.changed",
    key: "7",
    version,
    at: "2026-11-24T04:00:00.000Z",
    priceCents: 100,
    availableUnits: 1,
    soldUnits: 1,
  };
  return { id: eventId(load, draft), load, ...draft, ...more };
};
const announced = (version: number) => ({
  event_id: change(version).id,
  topic: topics.products,
  event_key: "7",
  version,
});
const bookOf = (...events: readonly object[]) => {
  const book = recordBook(load);
  for (const event of events) book.add(topics.products, "7", JSON.stringify(event));
  return book;
};
const details = (findings: readonly { readonly detail: string }[]) =>
  findings.map((f) => f.detail).join("; ");

test("repetitions are counted and are no finding", () => {
  const book = bookOf(change(2), change(3), change(2), change(3), change(4));
  expect(book.counts()).toEqual({ records: 5, repeated: 2 });
  expect(book.findings([announced(2), announced(3), announced(4)], true)).toEqual([]);
});

test("a lost event, one out of order, one under another key, one that nobody announced", () => {
  expect(details(bookOf(change(2)).findings([announced(2), announced(3)], true))).toContain(
    "event 3 of 7 is not in mall.products",
  );
  expect(details(bookOf(change(3), change(2)).findings([announced(2), announced(3)], true))).toContain(
    "version 2 of 7 comes after 3",
  );
  const elsewhere = recordBook(load);
  elsewhere.add(topics.products, "8", JSON.stringify(change(2)));
  expect(details(elsewhere.findings([announced(2)], true))).toContain("event 2 of 7 is not in");
  expect(details(bookOf(change(2), change(3)).findings([announced(2)], true))).toContain(
    "announced by nobody",
  );
  expect(bookOf(change(2), change(3)).findings([announced(2)], false)).toEqual([]);
});

test("records of another load, and what is no event, are not this shop's", () => {
  const book = bookOf(change(2, { load: "d".repeat(32) }), { type: "other" });
  expect(book.counts()).toEqual({ records: 0, repeated: 0 });
});

const document = {
  productId: 1,
  revision: 4,
  priceCents: 100,
  availableUnits: 3,
  soldUnits: 2,
} as ProductDocument;

test("a document is compared field by field", () => {
  expect(differences(document, { ...document })).toEqual([]);
  expect(differences(document, { ...document, availableUnits: 4 })).toEqual([
    "availableUnits is 4, stored is 3",
  ]);
  expect(differences(document, undefined)).toEqual(["it is not found"]);
});

const rowsOnce = (rows: readonly object[]) => {
  let left = rows;
  return {
    use: async <T>(work: (session: never) => Promise<T>) =>
      work({
        rows: async () => {
          const now = left;
          left = [];
          return now;
        },
        run: async () => ({ affected: 0, insertId: 0 }),
      } as never),
  } as never;
};

test("a document of a product that does not exist is a finding", async () => {
  const index = {
    refresh: async () => {},
    readAll: async (each: (page: readonly ProductDocument[]) => void) => {
      each([document]);
      return 1;
    },
  };
  const { findings } = await searchFindings(rowsOnce([]), index, 0);
  expect(details(findings)).toBe("product 1 is found and does not exist");
});

test("a picture that is absent at first is asked for again", async () => {
  const body = Buffer.from("<svg/>");
  const row = {
    product_id: 1,
    object_key: "k",
    content_type: "image/svg+xml",
    bytes: body.length,
    sha256: hash("sha256", body, "hex"),
  };
  let asked = 0;
  const store = {
    viewUrl: async () => "",
    get: async () => {
      asked += 1;
      return asked === 1 ? undefined : { contentType: row.content_type, body };
    },
  };
  const { findings, readback } = await pictureFindings(rowsOnce([row]), store, 10);
  expect(findings).toEqual([]);
  expect(readback).toEqual({ pictures: 1, read: 1, bytes: body.length });
});

test("a picture that is gone, or has another content or type, is a finding", async () => {
  const row = {
    product_id: 1,
    object_key: "k",
    content_type: "image/svg+xml",
    bytes: 3,
    sha256: "0".repeat(64),
  };
  const store = (picture: { contentType: string; body: Buffer } | undefined) => ({
    viewUrl: async () => "https://store/k",
    get: async () => picture,
  });
  const found = async (picture: { contentType: string; body: Buffer } | undefined, sha256 = row.sha256) =>
    details((await pictureFindings(rowsOnce([{ ...row, sha256 }]), store(picture), 10, 0)).findings);
  const body = Buffer.from("abc");
  const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  expect(await found(undefined)).toContain("is not there");
  expect(await found({ contentType: "image/svg+xml", body })).toContain("another content");
  expect(await found({ contentType: "text/plain", body }, abc)).toContain("the type text/plain");
  expect(await found({ contentType: "image/svg+xml", body }, abc)).toBe("");
});

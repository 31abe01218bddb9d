import { expect, test } from "vitest";
import { sessionOver, transact, type Wire } from "./session.ts";

const header = { affectedRows: 1 };

/** Answers each SELECT with its own text, all else with a header; fails a trip that holds `wrong`. */
function wire() {
  const trips: string[] = [];
  const answerOf = (sql: string): unknown => (sql.startsWith("SELECT") ? [{ sql }] : header);
  const over: Wire = {
    format: (sql: string, values: unknown) =>
      (values as readonly unknown[]).reduce<string>((text, value) => text.replace("?", `<${value}>`), sql),
    query: async ({ sql }) => {
      trips.push(sql);
      if (sql.includes("wrong")) throw new Error("no such table");
      const all = sql.split(";\n");
      return [all.length === 1 ? answerOf(sql) : all.map(answerOf), undefined];
    },
  };
  return { over, trips };
}

const committing = () => {};
const isOpenAfter = () => true;

test("statements of one moment are one trip, each with its own values and answer", async () => {
  const { over, trips } = wire();
  const session = sessionOver(over);
  const answers = await Promise.all([
    session.rows("SELECT ?", [1]),
    session.run("UPDATE a SET b = ?, c = ?", [2, "?"]),
    session.rows("SELECT ?", [3]),
  ]);
  expect(answers).toEqual([[{ sql: "SELECT <1>" }], 1, [{ sql: "SELECT <3>" }]]);
  expect(await session.rows("SELECT 4")).toEqual([{ sql: "SELECT 4" }]);
  expect(trips).toEqual(["SELECT <1>;\nUPDATE a SET b = <2>, c = <?>;\nSELECT <3>", "SELECT 4"]);
});

test("a statement that fails fails all of its moment, and none of the next", async () => {
  const { over } = wire();
  const session = sessionOver(over);
  const answers = await Promise.allSettled([session.rows("SELECT 1"), session.run("wrong")]);
  expect(answers.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await session.run("UPDATE a")).toBe(1);
});

test("a transaction begins with its first statement, and ends with its last one where it is told so", async () => {
  const { over, trips } = wire();
  let committed = 0;
  const result = await transact(
    over,
    async (transaction) => {
      await transaction.rows("SELECT 1");
      expect(committed).toBe(0);
      await Promise.all([transaction.run("UPDATE a"), transaction.commit()]);
      return "done";
    },
    {
      committing: () => {
        committed += 1;
      },
      isOpenAfter,
    },
  );
  expect(result).toBe("done");
  expect(trips).toEqual(["START TRANSACTION;\nSELECT 1", "UPDATE a;\nCOMMIT"]);
  expect(committed).toBe(1);
});

test("COMMIT follows by itself, once", async () => {
  const { over, trips } = wire();
  await transact(over, (transaction) => transaction.run("UPDATE a"), { committing, isOpenAfter });
  expect(trips).toEqual(["START TRANSACTION;\nUPDATE a", "COMMIT"]);
  const twice = transact(
    over,
    async (transaction) => {
      await transaction.commit();
      await transaction.commit();
    },
    { committing, isOpenAfter },
  );
  await expect(twice).rejects.toThrow("committed");
});

test.each([
  ["rolled back", true, ["START TRANSACTION;\nwrong", "ROLLBACK"]],
  ["left alone on a connection that is gone", false, ["START TRANSACTION;\nwrong"]],
])("what failed is %s", async (_, open, wanted) => {
  const { over, trips } = wire();
  const failing = transact(over, (transaction) => transaction.run("wrong"), {
    committing,
    isOpenAfter: () => open,
  });
  await expect(failing).rejects.toThrow("no such table");
  expect(trips).toEqual(wanted);
});

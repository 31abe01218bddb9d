/** Products that a room shows while it is live, each from its moment on: one at a time. */
import type { PinInfo } from "./api.ts";
import type { Database } from "./database.ts";
import { LiveError } from "./errors.ts";
import { emit } from "./events.ts";
import { newId } from "./ids.ts";
import { held } from "./rooms.ts";
import type { Session } from "./session.ts";

export interface Pins {
  /**
   * In place of what is pinned. The product that is pinned already stays so, from the moment on from which it is.
   * @throws NO_SUCH_ROOM, NOT_LIVE
   */
  pin(
    room: string,
    product: string,
    title: string,
  ): Promise<{ readonly pin: PinInfo; readonly isNew: boolean }>;
  /** As often as it is asked. @throws NO_SUCH_ROOM, NO_SUCH_PIN */
  unpin(room: string, id: string): Promise<void>;
  /** In the order of their moments. @param broadcast undefined: the room's last one */
  list(room: string, broadcast: string | undefined): Promise<readonly PinInfo[]>;
}

interface PinRow {
  readonly id: string;
  readonly broadcast: string;
  readonly product: string;
  readonly title: string;
  readonly pinned_at: Date;
  readonly unpinned_at: Date | null;
  readonly started_at: Date;
}

const select = `SELECT p.id, p.broadcast, p.product, p.title, p.pinned_at, p.unpinned_at, b.started_at
  FROM pins p JOIN broadcasts b ON b.id = p.broadcast`;

const infoOf = (row: PinRow): PinInfo => ({
  id: row.id,
  broadcast: row.broadcast,
  product: row.product,
  title: row.title,
  at: row.pinned_at.toISOString(),
  offsetMs: row.pinned_at.getTime() - row.started_at.getTime(),
  until: row.unpinned_at?.toISOString() ?? null,
});

export function pinsIn(database: Database): Pins {
  return {
    pin: (room, product, title) =>
      database.transaction(async (session) => {
        await held(session, room);
        const [live] = await session.rows<{
          readonly now: Date;
          readonly id: string;
          readonly started_at: Date;
        }>("SELECT NOW(3) AS now, id, started_at FROM broadcasts WHERE live_room = ? AND kicked_at IS NULL", [
          room,
        ]);
        if (live === undefined) throw new LiveError("NOT_LIVE");
        const current = await currentOf(session, live.id);
        if (current?.product === product) return { pin: infoOf(current), isNew: false };
        if (current !== undefined) await end(session, current.id, live.now);
        const row: PinRow = {
          ...{ id: newId("p", live.now.getTime()), broadcast: live.id, product, title },
          ...{ pinned_at: live.now, unpinned_at: null, started_at: live.started_at },
        };
        await session.run(
          "INSERT INTO pins (id, room, broadcast, product, title, pinned_at) VALUES (?, ?, ?, ?, ?, ?)",
          [row.id, room, row.broadcast, product, title, row.pinned_at],
        );
        const pin = infoOf(row);
        const { id, broadcast, offsetMs } = pin;
        await emit(session, {
          type: "product.pinned",
          room,
          data: { pin: id, broadcast, product, title, offsetMs },
        });
        return { pin, isNew: true };
      }),
    unpin: (room, id) =>
      database.transaction(async (session) => {
        await held(session, room);
        const [row] = await session.rows<PinRow & { readonly now: Date }>(
          `${select.replace("SELECT", "SELECT NOW(3) AS now,")} WHERE p.id = ? AND p.room = ?`,
          [id, room],
        );
        if (row === undefined) throw new LiveError("NO_SUCH_PIN");
        if (row.unpinned_at !== null) return;
        await end(session, id, row.now);
        const { broadcast, product } = row;
        await emit(session, { type: "product.unpinned", room, data: { pin: id, broadcast, product } });
      }),
    list: (room, broadcast) =>
      database.use(async (session) => {
        const which =
          broadcast ??
          (
            await session.rows<{ readonly id: string }>(
              "SELECT id FROM broadcasts WHERE room = ? ORDER BY started_at DESC, id DESC LIMIT 1",
              [room],
            )
          )[0]?.id;
        if (which === undefined) return [];
        const rows = await session.rows<PinRow>(
          `${select} WHERE p.broadcast = ? AND p.room = ? ORDER BY p.pinned_at, p.id`,
          [which, room],
        );
        return rows.map(infoOf);
      }),
  };
}

async function currentOf(session: Session, broadcast: string): Promise<PinRow | undefined> {
  const [row] = await session.rows<PinRow>(
    `${select} WHERE p.broadcast = ? AND p.unpinned_at IS NULL ORDER BY p.pinned_at DESC, p.id DESC LIMIT 1`,
    [broadcast],
  );
  return row;
}

const end = (session: Session, id: string, at: Date): Promise<number> =>
  session.run("UPDATE pins SET unpinned_at = ? WHERE id = ?", [at, id]);

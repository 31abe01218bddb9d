/** The right to act. Whoever does not hold it observes only. */
import { statSync } from "node:fs";
import { link, unlink } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";

export interface Lease {
  /** Tries to take it; true when it is ours. Safe to call again at any time. */
  acquire(): Promise<boolean>;
  /** Ours at this moment: asked before each action. */
  held(): boolean;
  release(): Promise<void>;
}

/**
 * One holder per folder, on one machine: a listening Unix socket. The kernel gives it up with the process, however
 * that ends, so a killed agent's successor need not wait for a time-out. It is made under a name of its own and
 * linked to the common one, which is atomic; and closing it then takes away no other holder's name.
 */
export function socketLease(path: string): Lease {
  let held: { readonly server: Server; readonly inode: number } | undefined;

  /** The common name still means our socket: of two that cleared away the same dead one, only the last holds. */
  const ours = (): boolean => {
    try {
      return held !== undefined && statSync(path).ino === held.inode;
    } catch {
      return false;
    }
  };

  async function letGo(): Promise<void> {
    if (ours()) await unlink(path).catch(() => {});
    const { server } = held ?? {};
    held = undefined;
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  return {
    async acquire() {
      if (ours()) return true;
      await letGo();
      if (await answers(path)) return false;
      const own = `${path}.${process.pid}`;
      await unlink(own).catch(() => {});
      const server = await listen(own);
      held = { server, inode: statSync(own).ino };
      await unlink(path).catch(() => {});
      // Fails when another was quicker; then the common name is not ours.
      await link(own, path).catch(() => {});
      await unlink(own);
      if (ours()) return true;
      await letGo();
      return false;
    },
    held: ours,
    release: letGo,
  };
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", reject);
    server.listen(path, () => resolve(server));
    // The lease never keeps the process alive.
    server.unref();
  });
}

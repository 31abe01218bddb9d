/**
 * LiveKit's interface for programs (Twirp: a POST of JSON each, docs.livekit.io/reference/other/roomservice-api). It
 * holds rooms in memory alone; a room is made when somebody may join it, and nobody else can make one.
 */

import { clientsTo } from "../clients.ts";
import type { Config } from "../config.ts";
import { messageOf } from "../errors.ts";
import type { Parts } from "../parts.ts";
import type { Secrets } from "../secrets.ts";
import { callToken } from "./token.ts";

export interface LiveKit {
  /** Again: nothing. @throws LiveKitAway */
  makeRoom(room: string): Promise<void>;
  /** To all in the room at once; a room that is not there has nobody. @throws LiveKitAway */
  send(room: string, topic: string, message: object): Promise<void>;
  /** @returns whether there was such a participant. @throws LiveKitAway */
  remove(room: string, identity: string): Promise<boolean>;
  /** Everybody is shown out. @throws LiveKitAway */
  close(room: string): Promise<void>;
  end(): Promise<void>;
}

export class LiveKitAway extends Error {
  override readonly name = "LiveKitAway";
}

const timeoutMs = 2_000;

export function livekitAt(
  server: NonNullable<Config["livekit"]>,
  secrets: Secrets,
  parts: Pick<Parts, "report">,
  now: () => number,
): LiveKit {
  const clients = clientsTo([server], secrets, false);

  /** @returns false: what it is about is not there */
  const call = async (method: string, grant: object, body: object): Promise<boolean> => {
    try {
      const answer = await clients.of(server).request({
        method: "POST",
        path: `/twirp/livekit.RoomService/${method}`,
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          authorization: `Bearer ${callToken(grant, secrets.read("livekit.key"), now())}`,
          "content-type": "application/json",
        },
        body: JSON.stringify(body),
      });
      const said = await answer.body.text();
      if (answer.statusCode !== 200 && answer.statusCode !== 404)
        throw new Error(`${method}: ${answer.statusCode} ${said.slice(0, 200)}`);
      parts.report("livekit", "ok");
      return answer.statusCode === 200;
    } catch (error) {
      parts.report("livekit", "away", messageOf(error));
      throw new LiveKitAway(messageOf(error), { cause: error });
    }
  };
  return {
    makeRoom: async (room) => {
      await call("CreateRoom", { roomCreate: true }, { name: room });
    },
    send: async (room, topic, message) => {
      const data = Buffer.from(JSON.stringify(message)).toString("base64");
      await call("SendData", { roomAdmin: true, room }, { room, data, kind: "RELIABLE", topic });
    },
    remove: (room, identity) => call("RemoveParticipant", { roomAdmin: true, room }, { room, identity }),
    close: async (room) => {
      await call("DeleteRoom", { roomCreate: true }, { room });
    },
    end: clients.close,
  };
}

/** The newest auction of a room, told in the room while it is joined, by server-sent events while it is not. */
import { useCallback, useEffect, useState } from "preact/hooks";
import type { AuctionInfo } from "../src/app/api.ts";
import { newer, type Shown } from "./auction-state.ts";
import { api, ask, useRepeated } from "./state.tsx";

/** Finds what begins, and makes good a message that was lost. */
const lookMs = 3_000;

export interface Followed {
  readonly shown: Shown | undefined;
  readonly tell: (auction: AuctionInfo) => void;
}

/** @param isTold whether messages come in the room */
export function useAuction(room: string, isTold: boolean): Followed {
  const [shown, setShown] = useState<Shown>();
  const tell = useCallback(
    (auction: AuctionInfo) => setShown((before) => newer(before, auction, Date.now())),
    [],
  );
  useRepeated(lookMs, [room], async (isWanted) => {
    const answer = await ask(api().GET("/v1/rooms/{name}/auctions", { params: { path: { name: room } } }));
    const [latest] = answer.ok ? answer.value.auctions : [];
    if (isWanted() && latest !== undefined) tell(latest);
  });
  const open = shown?.auction.state === "open" && !isTold ? shown.auction.id : undefined;
  useEffect(() => {
    if (open === undefined) return undefined;
    const source = new EventSource(`/v1/auctions/${open}/stream`);
    source.addEventListener("auction", ({ data }: MessageEvent<string>) =>
      tell(JSON.parse(data) as AuctionInfo),
    );
    return () => source.close();
  }, [open]);
  return { shown, tell };
}

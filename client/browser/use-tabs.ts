import { useEffect } from "react";
import { pageWall } from "../wall/page-wall";
import type { Heard } from "../wall/wall";

const CHANNEL_NAME = "saywhatwant:heard";

/**
 * Lets the tabs of this browser hear of each other what each heard from the wall, so that one poll
 * serves all. A tab that missed something polls once for itself; the one that `holdsLease` polls
 * when another has sent something.
 */
export function useTabs(holdsLease: boolean, pollNow: () => void): void {
  useEffect(() => {
    const channel = new BroadcastChannel(CHANNEL_NAME);
    const end = pageWall.onHeard((heard) => {
      channel.postMessage(heard);
      if (heard.kind === "confirmed" && holdsLease) pollNow();
    });
    channel.onmessage = ({ data }: MessageEvent<Heard>) => {
      const isCurrent = pageWall.overhear(data);
      if (data.kind === "confirmed" && holdsLease) pollNow();
      const isVisible = document.visibilityState === "visible";
      // It fails like any poll: the tab that holds the lease goes on trying.
      if (!isCurrent && isVisible && !holdsLease) pageWall.poll().catch(() => {});
    };
    return () => {
      end();
      channel.close();
    };
  }, [holdsLease, pollNow]);
}

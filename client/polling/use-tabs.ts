import { useEffect } from "react";
import { parseHeard } from "../kept/stored-values";
import { pageWall } from "../wall/page-wall";

const CHANNEL_NAME = "saywhatwant:heard";

/**
 * Shares each tab's answers with the other tabs of this browser, so that one poll serves all. A tab
 * that missed something polls once for itself; the tab that `holdsLease` polls when another has
 * sent a message.
 */
export function useTabs(holdsLease: boolean, pollNow: () => void): void {
  useEffect(() => {
    const channel = new BroadcastChannel(CHANNEL_NAME);
    const end = pageWall.onHeard((heard) => {
      channel.postMessage(heard);
      if (heard.kind === "confirmed" && holdsLease) pollNow();
    });
    channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      const heard = parseHeard(data);
      if (!heard) return;
      const isCurrent = pageWall.overhear(heard);
      if (heard.kind === "confirmed" && holdsLease) pollNow();
      const isVisible = document.visibilityState === "visible";
      // It may fail like any poll; the tab that holds the lease keeps retrying.
      if (!isCurrent && isVisible && !holdsLease) pageWall.poll().catch(() => {});
    };
    return () => {
      end();
      channel.close();
    };
  }, [holdsLease, pollNow]);
}

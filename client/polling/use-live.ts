import { useEffect } from "react";

/**
 * Keeps the live channel while `isWanted`: in one tab of a browser, once its wall has loaded. Its code
 * is loaded then.
 */
export function useLive(isWanted: boolean): void {
  useEffect(() => {
    if (!isWanted || typeof WebSocket === "undefined") return;
    let isEnded = false;
    let end = () => {};
    import("../live/page-channel").then(
      ({ openChannel }) => {
        if (!isEnded) end = openChannel();
      },
      () => {
        // Probably offline: the page polls.
      },
    );
    return () => {
      isEnded = true;
      end();
    };
  }, [isWanted]);
}

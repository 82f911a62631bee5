/** The page's channel. Loaded after the first paint: nothing needs it. */
import { liveUrl } from "#schema/live/messages";
import { pageWall } from "../wall/page-wall";
import { Channel } from "./channel";
import { afterTimeout } from "./clocks";

/** Opens the channel for the page's wall. Returns a function that ends it. */
export function openChannel(): () => void {
  const channel = new Channel({
    open: (since) => new WebSocket(liveUrl(location.origin, since)),
    wall: pageWall,
    onHint: pageWall.hint,
    // It may fail like any poll; the page's own polls show the error.
    pollNow: () => void pageWall.poll().catch(() => {}),
    isVisible: () => document.visibilityState === "visible",
    now: Date.now,
    monotonic: () => performance.now(),
    after: afterTimeout,
    random: Math.random,
  });
  pageWall.live = channel;
  channel.start();
  return () => {
    pageWall.live = null;
    channel.stop();
  };
}

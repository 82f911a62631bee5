import { useNow } from "#client/browser/use-now";
import { useOnline } from "#client/browser/use-online";
import { describeFreshness } from "#client/wall/freshness";
import { pageWall } from "#client/wall/page-wall";

const TICK_MS = 1_000;

interface FreshnessLineProps {
  loaded: boolean;
  failing: boolean;
}

/**
 * How fresh the wall is, updated each second. Not a live region: a screen reader would read out
 * every second.
 */
export function FreshnessLine({ loaded, failing }: FreshnessLineProps) {
  const now = useNow(TICK_MS);
  const online = useOnline();
  const ageMs = now === null ? 0 : pageWall.freshness.ageMs(now);
  const live = now !== null && pageWall.isLive(now);
  const arriving = now === null || pageWall.freshness.isArriving(now);
  const { text, tone } = describeFreshness({ ageMs, loaded, failing, online, live, arriving });
  return (
    <p data-testid="freshness" data-tone={tone} className="freshness">
      {/* Alone in its element, so that the text is replaced even if a translator has wrapped it. */}
      <span>{text}</span>
    </p>
  );
}

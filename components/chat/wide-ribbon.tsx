import { useMedia } from "#client/browser/use-media";
import type { useLog } from "#client/chat/use-log";
import type { WallContent } from "#client/polling/use-wall";
import { AfterPaint } from "#components/ui/after-paint";

const loadRibbon = async () => (await import("./ribbon")).Ribbon;

interface WideRibbonProps {
  wall: WallContent;
  log: ReturnType<typeof useLog>;
}

/** The ribbon of the day, where the gutter beside the log has room for it. */
export function WideRibbon({ wall, log }: WideRibbonProps) {
  const isWide = useMedia("(min-width: 1280px)");
  if (!isWide || !wall.loaded) return null;
  return <AfterPaint load={loadRibbon} props={{ wall, log }} />;
}

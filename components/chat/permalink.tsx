import type { RefObject } from "react";
import { usePermalink } from "#client/chat/use-permalink";

interface PermalinkProps {
  loaded: boolean;
  onJump: (id: string) => void;
  scroller: RefObject<HTMLElement | null>;
}

/** Follows the link to a message in the page's address. Shows nothing; loaded after the first paint. */
export function Permalink({ loaded, onJump, scroller }: PermalinkProps) {
  usePermalink(loaded, onJump, scroller);
  return null;
}

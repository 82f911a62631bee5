import { useEffect, useRef } from "react";
import { isId } from "#schema/id";
import { poll } from "../polling/first-poll";
import { pageWall } from "../wall/page-wall";

/**
 * Jumps to the message in the URL's hash, once the wall has loaded and whenever the hash changes.
 */
export function usePermalink(loaded: boolean, jump: (id: string) => void): void {
  const latest = useRef(jump);
  latest.current = jump;

  useEffect(() => {
    if (!loaded) return;
    const follow = async () => {
      const id = location.hash.slice(1);
      if (!isId(id)) return;
      // The message may be newer than the last poll or the stored visit.
      if (!pageWall.store.get(id)) await poll().catch(() => {});
      latest.current(id);
    };
    void follow();
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, [loaded]);
}

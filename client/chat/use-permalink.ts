import { useEffect, useRef } from "react";
import { isId } from "#schema/id";
import { pageWall } from "../wall/page-wall";
import { poll } from "../wall/use-wall";

/** Jumps to the message that the address names, once the wall is there, and when the address changes. */
export function usePermalink(loaded: boolean, jump: (id: string) => void): void {
  const latest = useRef(jump);
  latest.current = jump;

  useEffect(() => {
    if (!loaded) return;
    const follow = async () => {
      const id = location.hash.slice(1);
      if (!isId(id)) return;
      // It may have come since this page, or the visit whose messages it shows, last asked.
      if (!pageWall.store.get(id)) await poll().catch(() => {});
      latest.current(id);
    };
    void follow();
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, [loaded]);
}

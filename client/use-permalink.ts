import { useEffect, useRef } from "react";
import { isId } from "#schema/id";

/** Jumps to the message that the address names, once the wall is there, and when the address changes. */
export function usePermalink(loaded: boolean, jump: (id: string) => void): void {
  const latest = useRef(jump);
  latest.current = jump;

  useEffect(() => {
    if (!loaded) return;
    const follow = () => {
      const id = location.hash.slice(1);
      if (isId(id)) latest.current(id);
    };
    follow();
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, [loaded]);
}

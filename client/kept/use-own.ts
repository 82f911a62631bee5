import { useEffect } from "react";
import { OWN_REMOVAL_MS } from "#schema/limits";
import { useSetting } from "../browser/settings";
import { pageWall } from "../wall/page-wall";
import { forgetOwn, type OwnMessage, ownMessages } from "./own-messages";

/** The secret of a message that can be taken down from here, while it can; else `undefined`. */
export function useOwn(id: string): OwnMessage | undefined {
  const { nonce, type } = pageWall.store.get(id) ?? {};
  const own = useSetting(ownMessages).find((each) => type === "human" && each.nonce === nonce);
  useEffect(() => {
    if (!own) return;
    const timer = setTimeout(forgetOwn, own.at + OWN_REMOVAL_MS - Date.now());
    return () => clearTimeout(timer);
  }, [own]);
  return own;
}

import { useEffect } from "react";

const TITLE = "saywhatwant";

/** Counts what came while the tab is hidden, where a hidden tab can be seen to. */
export function useTitle(unread: number, isVisible: boolean): void {
  useEffect(() => {
    document.title = unread > 0 && !isVisible ? `(${unread}) ${TITLE}` : TITLE;
  }, [unread, isVisible]);
}

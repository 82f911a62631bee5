import { useEffect } from "react";

const TITLE = "saywhatwant";

/** Shows the number of unread messages in the title while the tab is hidden. */
export function useTitle(unread: number, isVisible: boolean): void {
  useEffect(() => {
    document.title = unread > 0 && !isVisible ? `(${unread}) ${TITLE}` : TITLE;
  }, [unread, isVisible]);
}

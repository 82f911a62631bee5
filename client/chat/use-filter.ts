import { useCallback, useEffect, useRef, useState } from "react";
import { type Filter, formatFilter, isFiltering, NO_FILTER, parseFilter } from "../wall/filter";

/**
 * The filter in the page's URL, and a function to change it. Back undoes a change, except typing within
 * a search; `onBack` is called when the reader went back or forward.
 */
export function useFilter(onBack: () => void): [Filter, (change: Partial<Filter>) => void] {
  const [filter, setFilter] = useState(NO_FILTER);
  const latest = useRef(onBack);
  latest.current = onBack;

  useEffect(() => {
    const read = () => setFilter(parseFilter(location.search));
    const goBack = () => {
      read();
      latest.current();
    };
    read();
    window.addEventListener("popstate", goBack);
    return () => window.removeEventListener("popstate", goBack);
  }, []);

  const change = useCallback((part: Partial<Filter>) => {
    const before = parseFilter(location.search);
    const next = { ...before, ...part };
    if (formatFilter(next) !== formatFilter(before)) {
      const url = location.pathname + formatFilter(next, location.search);
      if (isTyping(before, next)) history.replaceState(history.state, "", url);
      else history.pushState(history.state, "", url);
    }
    setFilter(next);
  }, []);

  return [filter, change];
}

/** Whether only the words of a search change, which has its entry in the history already. */
function isTyping(before: Filter, next: Filter): boolean {
  const isSame = before.author === next.author && before.kind === next.kind;
  return isSame && isFiltering(before) && isFiltering(next);
}

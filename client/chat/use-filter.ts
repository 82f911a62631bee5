import { useCallback, useEffect, useState } from "react";
import { type Filter, formatFilter, NO_FILTER, parseFilter } from "../wall/filter";

/** The filter in the page's URL, and a function to change it. */
export function useFilter(): [Filter, (change: Partial<Filter>) => void] {
  const [filter, setFilter] = useState(NO_FILTER);

  useEffect(() => {
    const read = () => setFilter(parseFilter(location.search));
    read();
    window.addEventListener("popstate", read);
    return () => window.removeEventListener("popstate", read);
  }, []);

  const change = useCallback((part: Partial<Filter>) => {
    const next = { ...parseFilter(location.search), ...part };
    const { pathname, hash } = location;
    history.replaceState(history.state, "", `${pathname}${formatFilter(next)}${hash}`);
    setFilter(next);
  }, []);

  return [filter, change];
}

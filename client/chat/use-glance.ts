import { useRef } from "react";
import useSWR from "swr";
import { STATUS_POLL_INTERVAL_MS } from "#schema/limits";
import { readStatus } from "../status/api";
import { type Glance, heard, NO_GLANCE, unheard } from "./glance";

/** An answer this fresh is not asked for again by what happens at once (focus and visibility). */
const DEDUPE_MS = 1_000;

/**
 * How the wall is, looked at again and again while the tab is visible, also while nobody answers: an
 * answer that doesn't come is something to show, not an error to SWR, which would stop.
 */
export function useGlance(): Glance {
  const newest = useRef(NO_GLANCE);
  const look = async () => {
    try {
      newest.current = heard(newest.current, await readStatus(), Date.now());
    } catch {
      newest.current = unheard(newest.current, Date.now());
    }
    return newest.current;
  };
  const { data = NO_GLANCE } = useSWR("glance", look, {
    refreshInterval: STATUS_POLL_INTERVAL_MS,
    refreshWhenHidden: false,
    dedupingInterval: DEDUPE_MS,
    focusThrottleInterval: 0,
  });
  return data;
}

import { useRef } from "react";
import useSWR from "swr";
import { STATUS_POLL_INTERVAL_MS } from "#schema/limits";
import { readStatus } from "./api";
import { type Glance, heard, NO_GLANCE, unheard } from "./glance";

/** Answers younger than this are reused when focus and visibility events coincide. */
const DEDUPE_MS = 1_000;

/**
 * The wall's status, polled while the tab is visible. A failed request is part of the result rather
 * than an error to SWR, which would stop polling.
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

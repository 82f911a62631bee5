import { useCallback, useEffect, useRef } from "react";
import useSWR, { type SWRConfiguration } from "swr";
import { PAGE_POLL_INTERVAL_MS } from "#schema/limits";
import { backoffMs } from "../api/backoff";
import { ApiError } from "../api/request";

/** One stable key, without the cursor, so that SWR treats all polls as one request. */
const POLL_KEY = "wall";

/** Answers younger than this are reused when focus and visibility events coincide. */
const DEDUPE_MS = 1_000;

/**
 * The page's only poll, active while `enabled`; call it once. SWR's interval polls while requests
 * succeed and pauses after an error; then the retry below takes over. It uses a single timer, because a
 * focus event during an outage also fails and must not start a second chain of retries.
 *
 *   interval  ──ok──5 s──ok──5 s──✗ · · · (skips) · · · · · · ──5 s──ok
 *   retry                         └─jitter─✗─jitter─✗─jitter─ok─┘
 *
 * Returns a function that polls now.
 */
export function usePoll(poll: () => Promise<void>, enabled: boolean): () => void {
  const failures = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    // The first poll may have failed before this effect runs: its retry must stay.
    if (enabled) return () => clearTimeout(timer.current);
  }, [enabled]);

  const onErrorRetry: SWRConfiguration["onErrorRetry"] = (error, _key, _config, revalidate) => {
    failures.current += 1;
    const retryAfterMs = error instanceof ApiError ? error.retryAfterMs : undefined;
    clearTimeout(timer.current);
    timer.current = setTimeout(
      () => void revalidate({ retryCount: failures.current, dedupe: true }),
      backoffMs(failures.current, Math.random(), retryAfterMs),
    );
  };

  const { mutate } = useSWR(enabled ? POLL_KEY : null, poll, {
    refreshInterval: PAGE_POLL_INTERVAL_MS,
    refreshWhenHidden: false,
    dedupingInterval: DEDUPE_MS,
    focusThrottleInterval: 0,
    onErrorRetry,
    onSuccess: () => {
      failures.current = 0;
      clearTimeout(timer.current);
    },
  });

  return useCallback(() => void mutate(), [mutate]);
}

import { useCallback, useEffect, useRef } from "react";
import useSWR, { type SWRConfiguration } from "swr";
import { PAGE_POLL_INTERVAL_MS } from "#schema/limits";
import { backoffMs } from "../api/backoff";
import { ApiError } from "../api/request";

/** One stable key: the cursor is the store's, so that SWR sees one question, asked again. */
const POLL_KEY = "wall";

/** An answer this fresh is not asked for again by what happens at once (focus and visibility). */
const DEDUPE_MS = 1_000;

/**
 * The page's one poll, while `enabled`; call it once. SWR's interval polls while all is well and
 * pauses while it holds an error, when the retry below takes over: a single timer, however many
 * attempts failed (a focus during an outage fails, too, and must not start a second chain of retries).
 *
 *   interval  ──ok──5 s──ok──5 s──✗ · · · (skips) · · · · · · ──5 s──ok
 *   retry                         └─jitter─✗─jitter─✗─jitter─ok─┘
 *
 * Returns what polls now.
 */
export function usePoll(poll: () => Promise<void>, enabled: boolean): () => void {
  const failures = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if (!enabled) clearTimeout(timer.current);
    return () => clearTimeout(timer.current);
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

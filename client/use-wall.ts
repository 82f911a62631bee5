import { useEffect, useMemo, useSyncExternalStore } from "react";
import type { Freshness } from "./freshness";
import type { Words } from "./outbox";
import { pageWall } from "./page-wall";
import { type Row, rowsOf } from "./timeline";
import { usePoll } from "./use-poll";

const { store, outbox, freshness, poll } = pageWall;

export interface WallView {
  rows: readonly Row[];
  loaded: boolean;
  failing: boolean;
  freshness: Freshness;
  send: (words: Words) => void;
  retry: (nonce: string) => void;
  discard: (nonce: string) => void;
}

/** The wall and its poll. Call it once, at the top of the page. */
export function useWall(): WallView {
  const { comments, loaded } = useSyncExternalStore(
    store.subscribe,
    store.snapshot,
    store.snapshot,
  );
  const outgoing = useSyncExternalStore(outbox.subscribe, outbox.snapshot, outbox.snapshot);
  const rows = useMemo(
    () => rowsOf(comments, outgoing, (id) => outbox.nonceOf(id)),
    [comments, outgoing],
  );
  const { failing, pollNow } = usePoll(poll);
  useEffect(() => pageWall.onSent(pollNow), [pollNow]);
  return { rows, loaded, failing, freshness, send, retry, discard };
}

function send(words: Words): void {
  outbox.send(words);
}

function retry(nonce: string): void {
  outbox.retry(nonce);
}

function discard(nonce: string): void {
  outbox.discard(nonce);
}

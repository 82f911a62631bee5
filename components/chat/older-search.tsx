import { useEffect, useSyncExternalStore } from "react";
import { useNow } from "#client/browser/use-now";
import { newestOf } from "#client/search/newest";
import { OlderSearch as Search } from "#client/search/older-search";
import { pageWall } from "#client/wall/page-wall";
import { Announcement } from "#components/ui/announcement";
import { timestampOf } from "#schema/id";

const { store, reachBack } = pageWall;

const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const COUNT = new Intl.NumberFormat();

const search = new Search({
  wall: store.snapshot,
  read: reachBack,
  now: Date.now,
  random: Math.random,
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    }),
});

/** Extends a search to messages that are not loaded yet, page by page, on request. */
export function OlderSearch({ found }: { found: number }) {
  const { holes, full, loaded, comments } = useSyncExternalStore(store.subscribe, store.snapshot);
  const state = useSyncExternalStore(search.subscribe, search.snapshot);
  useEffect(() => search.stop, []);

  const oldest = newestOf(holes) ?? comments[0]?.id;
  if (!loaded || !oldest) return null;
  const isRunning = state.phase === "reading" || state.phase === "waiting";
  const isWhole = holes.size === 0;
  const back = WHEN.format(timestampOf(oldest));
  const result = `${COUNT.format(found)} found`;
  const reach = isWhole
    ? `Searched all ${COUNT.format(comments.length)} messages, back to the first one`
    : full
      ? `Searched back to ${back}. This page can't load any more messages`
      : `${isRunning ? "Searching" : "Searched"} back to ${back}`;

  return (
    <div className="flex basis-full flex-wrap items-center gap-x-3 gap-y-1 text-quiet">
      {!isWhole && !full && (
        <button
          type="button"
          className="small-button"
          onClick={isRunning ? search.stop : search.start}
        >
          {isRunning ? "Stop" : state.phase === "failed" ? "Try again" : "Search older messages"}
        </button>
      )}
      <span className="tabular-nums" data-testid="reach">
        {state.phase === "failed" && "Couldn't load older messages. "}
        {reach}
        {isRunning ? ` · ${result}` : "."}
        {state.phase === "waiting" && <Wait until={state.until} />}
      </span>
      {/* Announces the start and the end, not each page. */}
      <Announcement text={isRunning ? "Searching older messages" : `${reach}. ${result}.`} />
    </div>
  );
}

function Wait({ until }: { until: number }) {
  const now = useNow(1_000);
  const seconds = now === null ? 0 : Math.ceil((until - now) / 1_000);
  return seconds > 0 ? ` · the wall asks to wait, continuing in ${seconds} s` : " · continuing…";
}

"use client";
import { Suspense, useCallback, useMemo, useState } from "react";
import { isFiltering, NO_FILTER } from "#client/filter";
import { senderName } from "#client/identity";
import type { Words } from "#client/outbox";
import { pageWall } from "#client/page-wall";
import { mutedSetting } from "#client/settings";
import type { Row } from "#client/timeline";
import { tintOf } from "#client/tint";
import { useChime } from "#client/use-chime";
import { useFilter } from "#client/use-filter";
import { useIdentity } from "#client/use-identity";
import { useKeys } from "#client/use-keys";
import { lineKeyOf, useLog } from "#client/use-log";
import { useOfflineShell } from "#client/use-offline-shell";
import { usePermalink } from "#client/use-permalink";
import { useTitle } from "#client/use-title";
import { useUnread } from "#client/use-unread";
import { useVisible } from "#client/use-visible";
import { useWall } from "#client/use-wall";
import { Composer } from "#components/composer";
import { EmptyWall } from "#components/empty-wall";
import { HoleMarker } from "#components/hole-marker";
import { later } from "#components/later";
import { MessageLog } from "#components/message-log";
import type { RowDeeds } from "#components/message-row";
import { NewMessagesPill, newMessages } from "#components/new-messages-pill";
import { WallHeader } from "#components/wall-header";
import type { Comment } from "#schema/comment";

const { store, outbox, reachBack } = pageWall;

const FilterBar = later(async () => (await import("./filter-bar")).FilterBar);
const HelpDialog = later(async () => (await import("./help-dialog")).HelpDialog);
const MessageDialog = later(async () => (await import("./message-dialog")).MessageDialog);

/** What is open over or beside the log. */
type Open = { kind: "search" } | { kind: "help" } | { kind: "message"; id: string } | null;

/** The page: what was said above, what one says below. */
export function Wall() {
  const wall = useWall();
  const [filter, changeFilter] = useFilter();
  const identity = useIdentity();
  const isVisible = useVisible();
  const log = useLog(wall, filter);
  const { isAtBottom, toBottom, jumpTo } = log;
  const unread = useUnread(wall.comments, isAtBottom, isVisible);
  const [open, setOpen] = useState<Open>(null);
  const [replyTo, setReplyTo] = useState<Comment | null>(null);
  const isFiltered = isFiltering(filter);
  useTitle(unread.count, isVisible);
  useChime(unread.count);
  useOfflineShell();

  const jump = useCallback(
    (id: string) => {
      if (!store.get(id)) return setOpen({ kind: "message", id });
      changeFilter(NO_FILTER);
      jumpTo(id);
    },
    [changeFilter, jumpTo],
  );
  usePermalink(wall.loaded, jump);

  const reply = useCallback((id: string) => setReplyTo(store.get(id) ?? null), []);
  const leaveSearch = () => {
    changeFilter(NO_FILTER);
    setOpen(null);
  };
  useKeys({
    search: () => setOpen({ kind: "search" }),
    help: () => setOpen({ kind: "help" }),
    toBottom,
    reply,
    leave: () => (replyTo ? setReplyTo(null) : leaveSearch()),
  });

  const deeds = useMemo<RowDeeds>(
    () => ({
      retry: (nonce) => outbox.retry(nonce),
      discard: (nonce) => outbox.discard(nonce),
      reply,
      jump,
      author: (author) => changeFilter({ author }),
      mute: (name) => mutedSetting.set([...new Set([...mutedSetting.snapshot(), name])]),
    }),
    [reply, jump, changeFilter],
  );

  const say = (words: Words) => {
    outbox.send(words);
    setReplyTo(null);
    // One's own words are worth leaving the past for.
    changeFilter(NO_FILTER);
    toBottom();
  };

  const holeAbove = ({ id }: Row, index: number) =>
    id !== undefined && (isFiltered ? index === 0 && log.before === undefined : true) && holeOf(id);
  const holeOf = (id: string) => {
    const holeId = isFiltered ? wall.comments[0]?.id : id;
    if (holeId === undefined || !wall.holes.has(holeId)) return null;
    return (
      <HoleMarker
        key={holeId}
        id={holeId}
        isEager={!isFiltered}
        full={wall.full}
        onReach={reachBack}
      />
    );
  };

  return (
    <div
      className="wall grid h-dvh grid-cols-[minmax(0,1fr)] grid-rows-[auto_minmax(0,1fr)_auto]"
      style={tintOf(identity.color)}
    >
      <header className="border-line border-b">
        <WallHeader
          loaded={wall.loaded}
          failing={wall.failing}
          isSearching={open?.kind === "search" || isFiltered}
          onSearch={() => (open?.kind === "search" ? leaveSearch() : setOpen({ kind: "search" }))}
          onHelp={() => setOpen({ kind: "help" })}
        />
        {(open?.kind === "search" || isFiltered) && (
          <Suspense>
            <FilterBar
              filter={filter}
              found={log.shown.length}
              held={wall.comments.length}
              onChange={(change) => {
                setOpen({ kind: "search" });
                changeFilter(change);
              }}
              onClose={() => setOpen(null)}
            />
          </Suspense>
        )}
      </header>
      <div className="relative min-h-0">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard. */}
        <main ref={log.scroller} tabIndex={0} className="h-full overflow-y-auto overscroll-contain">
          <MessageLog
            content={log.content}
            rows={log.rows}
            loaded={wall.loaded}
            isLive={isAtBottom && !isFiltered}
            lineKey={isFiltered ? null : lineKeyOf(log.rows, log.before, unread.lineId)}
            holeAbove={holeAbove}
            empty={isFiltered ? <NothingFound /> : <EmptyWall />}
            originalOf={originalOf}
            ownName={senderName(identity.name) ?? ""}
            query={filter.text}
            deeds={deeds}
          />
        </main>
        <NewMessagesPill count={unread.count} isAtBottom={isAtBottom} onClick={toBottom} />
        <p role="status" className="sr-only">
          {!isAtBottom && unread.count > 0 ? newMessages(unread.count) : ""}
        </p>
      </div>
      <footer className="column pt-1 pb-[max(0.75rem,env(safe-area-inset-bottom))]">
        <Composer
          identity={identity}
          replyTo={replyTo}
          onCancelReply={() => setReplyTo(null)}
          onSend={say}
        />
      </footer>
      <Suspense>
        {open?.kind === "help" && <HelpDialog onClose={() => setOpen(null)} />}
        {open?.kind === "message" && (
          <MessageDialog
            id={open.id}
            ownName={senderName(identity.name) ?? ""}
            deeds={deeds}
            onClose={() => setOpen(null)}
          />
        )}
      </Suspense>
    </div>
  );
}

function originalOf(id: string): Comment | undefined {
  return store.get(id);
}

function NothingFound() {
  return (
    <p className="my-auto py-12 text-center text-quiet">
      Nothing like that among the messages that this browser holds.
    </p>
  );
}

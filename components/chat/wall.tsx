"use client";
import { Suspense, useCallback, useMemo, useState } from "react";
import { mutedSetting } from "#client/browser/settings";
import { useOfflineShell } from "#client/browser/use-offline-shell";
import { useTitle } from "#client/browser/use-title";
import { useVisible } from "#client/browser/use-visible";
import { senderName } from "#client/chat/identity";
import { tintOf } from "#client/chat/tint";
import { useChime } from "#client/chat/use-chime";
import { useFilter } from "#client/chat/use-filter";
import { useIdentity } from "#client/chat/use-identity";
import { useKeys } from "#client/chat/use-keys";
import { useLog } from "#client/chat/use-log";
import { usePermalink } from "#client/chat/use-permalink";
import { useUnread } from "#client/chat/use-unread";
import { useWall } from "#client/polling/use-wall";
import { type Filter, isFiltering, NO_FILTER } from "#client/wall/filter";
import type { Words } from "#client/wall/outbox";
import { pageWall } from "#client/wall/page-wall";
import { LogPane } from "#components/chat/log-pane";
import type { RowActions } from "#components/chat/message-row";
import { WallHeader } from "#components/chat/wall-header";
import { Composer } from "#components/composer/composer";
import { later } from "#components/ui/later";
import type { Comment } from "#schema/comment";

const { store, outbox } = pageWall;

const FilterBar = later(async () => (await import("./filter-bar")).FilterBar);
const HelpDialog = later(async () => (await import("./help-dialog")).HelpDialog);
const ReportDialog = later(async () => (await import("./report-dialog")).ReportDialog);
const TakeDownDialog = later(async () => (await import("./take-down-dialog")).TakeDownDialog);
const MessageDialog = later(async () => (await import("./message-dialog")).MessageDialog);

/** The panel or dialog that is open over the log. */
type Open =
  | { kind: "search" }
  | { kind: "help" }
  | { kind: "message" | "report" | "takeDown"; id: string }
  | null;

/** The page: the log above, the composer below. */
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
  const ownName = senderName(identity.name) ?? "";
  useTitle(unread.count, isVisible);
  useChime(unread.count);
  useOfflineShell();

  const search = useCallback(
    (change: Partial<Filter>) => {
      setOpen({ kind: "search" });
      changeFilter(change);
    },
    [changeFilter],
  );
  const showAll = useCallback(() => {
    changeFilter(NO_FILTER);
    setOpen(null);
  }, [changeFilter]);
  const jump = useCallback(
    (id: string) => {
      const held = store.get(id);
      const isMuted = held && mutedSetting.snapshot().includes(held.username);
      if (!held || isMuted) return setOpen({ kind: "message", id });
      showAll();
      jumpTo(id);
    },
    [showAll, jumpTo],
  );
  usePermalink(wall.loaded, jump);

  const reply = useCallback((id: string) => setReplyTo(store.get(id) ?? null), []);
  useKeys({
    search: () => search({}),
    help: () => setOpen({ kind: "help" }),
    toBottom,
    reply,
    leave: () => (replyTo ? setReplyTo(null) : showAll()),
  });

  const actions = useMemo<RowActions>(
    () => ({
      retry: (nonce) => outbox.retry(nonce),
      discard: (nonce) => outbox.discard(nonce),
      reply,
      jump,
      author: (author) => search({ author }),
      report: (id) => setOpen({ kind: "report", id }),
      takeDown: (id) => setOpen({ kind: "takeDown", id }),
      mute: (name) => mutedSetting.set([...new Set([...mutedSetting.snapshot(), name])]),
    }),
    [reply, jump, search],
  );

  const say = (words: Words) => {
    outbox.send(words);
    setReplyTo(null);
    // After sending, show one's own message even if that means leaving the past.
    showAll();
    toBottom();
  };

  return (
    <div className="wall chat" style={tintOf(identity.color)}>
      <header>
        <WallHeader
          loaded={wall.loaded}
          failing={wall.failing}
          isSearching={open?.kind === "search" || isFiltered}
          onSearch={() => (open?.kind === "search" ? showAll() : search({}))}
          onHelp={() => setOpen({ kind: "help" })}
        />
        {(open?.kind === "search" || isFiltered) && (
          <Suspense>
            <FilterBar
              filter={filter}
              found={log.shown.length}
              held={wall.comments.length}
              onChange={search}
              onClose={showAll}
            />
          </Suspense>
        )}
      </header>
      <LogPane
        wall={wall}
        log={log}
        filter={filter}
        unread={unread}
        ownName={ownName}
        actions={actions}
      />
      <footer className="column">
        <Composer
          identity={identity}
          replyTo={replyTo}
          onCancelReply={() => setReplyTo(null)}
          onSend={say}
        />
      </footer>
      <Suspense>
        {open?.kind === "help" && <HelpDialog onClose={() => setOpen(null)} />}
        {open?.kind === "report" && <ReportDialog id={open.id} onClose={() => setOpen(null)} />}
        {open?.kind === "takeDown" && <TakeDownDialog id={open.id} onClose={() => setOpen(null)} />}
        {open?.kind === "message" && (
          <MessageDialog
            id={open.id}
            ownName={ownName}
            actions={actions}
            onClose={() => setOpen(null)}
          />
        )}
      </Suspense>
    </div>
  );
}

"use client";
import { Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { isPaused } from "#client/api/paused";
import { mutedSetting } from "#client/browser/settings";
import { useVisible } from "#client/browser/use-visible";
import { senderName } from "#client/chat/identity";
import { setLink, useLead } from "#client/chat/link";
import { tintOf } from "#client/chat/tint";
import { useFilter } from "#client/chat/use-filter";
import { useIdentity } from "#client/chat/use-identity";
import { useKeys } from "#client/chat/use-keys";
import { hiddenBy, useLog } from "#client/chat/use-log";
import { useUnread } from "#client/chat/use-unread";
import { loadUpkeep, UNREAD, useWall } from "#client/polling/use-wall";
import { type Filter, isFiltering, NO_FILTER } from "#client/wall/filter";
import type { Words } from "#client/wall/outbox";
import { pageWall } from "#client/wall/page-wall";
import { LogPane } from "#components/chat/log-pane";
import { SkipLink } from "#components/chat/skip-link";
import type { DialogState } from "#components/chat/wall-dialog";
import { WallHeader } from "#components/chat/wall-header";
import { Composer } from "#components/composer/composer";
import type { RowActions } from "#components/message/row-actions";
import { AfterPaint } from "#components/ui/after-paint";
import { later } from "#components/ui/later";
import type { Notice } from "#components/ui/toast";
import type { Comment } from "#schema/comment";
import { ANONYMOUS } from "#schema/limits";

const { store, outbox } = pageWall;

const loadUpkeepAndActions = async () => {
  // The network may be gone by the time they are needed.
  const [{ Upkeep }] = await Promise.all([
    loadUpkeep(),
    import("../message/message-actions"),
    import("../composer/outgoing-notice"),
    import("./hole-marker"),
  ]);
  return Upkeep;
};
const loadPermalink = async () => (await import("./permalink")).Permalink;
const FilterBar = later(async () => (await import("./filter-bar")).FilterBar);
const WallDialog = later(async () => (await import("./wall-dialog")).WallDialog);

/** The panel or dialog that is open over the log. */
type Open = { kind: "search" } | DialogState | null;

/** The page: the log above, the composer below. */
export function Wall() {
  const content = useWall();
  const [isLeading, endLead] = useLead();
  const wall = isLeading ? { ...content, ...UNREAD } : content;
  const [filter, changeFilter] = useFilter(() => setOpen(null));
  const identity = useIdentity();
  const isVisible = useVisible();
  const self = { username: senderName(identity.name) ?? ANONYMOUS, color: identity.color };
  const { username, color } = self;
  const log = useLog(wall, filter, self);
  const { isAtBottom, toBottom, jumpTo } = log;
  const unread = useUnread(content.comments, isAtBottom, isVisible);
  const [open, setOpen] = useState<Open>(null);
  const [replyTo, setReplyTo] = useState<Comment | null>(null);
  const [notice, setNotice] = useState<Notice | null>(null);
  const isFiltered = isFiltering(filter);

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
    async (id: string) => {
      const placed = store.get(id) ? id : await reachAround(id);
      const held = placed && store.get(placed);
      const isHidden = hiddenBy(mutedSetting.snapshot(), { username, color });
      const muted = held && isHidden?.(held) ? held : undefined;
      if (!held || muted) return setOpen({ kind: "message", id, muted });
      showAll();
      jumpTo(held.id);
    },
    [showAll, jumpTo, username, color],
  );
  const visit = useCallback(
    async (id: string) => {
      await jump(id);
      setLink(id);
      endLead();
    },
    [jump, endLead],
  );
  const follow = useCallback(
    (id: string, from?: string) => {
      // A search has an entry of its own in the history.
      if (from && !isFiltered) {
        setLink(from);
        history.pushState(history.state, "", location.href);
      }
      void visit(id);
    },
    [visit, isFiltered],
  );

  const reply = useCallback((id: string) => setReplyTo(store.get(id) ?? null), []);
  useKeys({
    search: (text) => search(text === undefined ? {} : { text }),
    help: () => setOpen({ kind: "help" }),
    toBottom,
    reply,
    leave: () => (replyTo ? setReplyTo(null) : showAll()),
  });

  const actions = useMemo<RowActions>(
    () => ({
      reply,
      follow,
      visit,
      author: (author) => search({ author }),
      notify: setNotice,
      report: (id) => setOpen({ kind: "report", id }),
      takeDown: (id) => setOpen({ kind: "takeDown", id }),
    }),
    [reply, follow, visit, search],
  );

  // The message being answered may be removed meanwhile.
  const replied = replyTo && (store.get(replyTo.id) ?? null);
  useEffect(() => {
    if (!replyTo || replied) return;
    setReplyTo(null);
    setNotice({ text: "The message you were answering was removed" });
  }, [replyTo, replied]);

  const say = (words: Words) => {
    outbox.send(words);
    setReplyTo(null);
    // After sending, show one's own message even if that means leaving the past.
    showAll();
    toBottom();
  };

  return (
    <div className="wall chat" style={tintOf(identity.color)}>
      <SkipLink />
      <header>
        <WallHeader
          loaded={content.loaded}
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
              onJump={jump}
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
        self={self}
        actions={actions}
        notice={notice}
        onNoticeClose={() => setNotice(null)}
      />
      <footer className="column">
        {wall.outgoing.some(({ failure }) => isPaused(failure)) && (
          <p role="status" className="py-1 text-small text-alarm">
            Posting is paused. New messages wait and are sent when it resumes.
          </p>
        )}
        <Composer
          identity={identity}
          replyTo={replied}
          onCancelReply={() => setReplyTo(null)}
          onSend={say}
        />
      </footer>
      <AfterPaint load={loadUpkeepAndActions} props={{ unread: unread.count, isVisible }} />
      <AfterPaint
        load={loadPermalink}
        props={{ loaded: content.loaded, onJump: visit, scroller: log.scroller }}
      />
      {open && open.kind !== "search" && (
        <Suspense>
          <WallDialog
            open={open}
            ownName={username}
            actions={actions}
            onClose={() => setOpen(null)}
          />
        </Suspense>
      )}
    </div>
  );
}

/** The id under which the message is loaded now, or `null` if it can't be. */
async function reachAround(id: string): Promise<string | null> {
  // Offline it may not load.
  const reach = await import("#client/wall/reach").catch(() => null);
  return reach?.reachAround(id) ?? null;
}

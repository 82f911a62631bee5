import { Suspense } from "react";
import type { Author } from "#client/chat/mutes";
import { lineKeyOf, type useLog } from "#client/chat/use-log";
import type { Unread } from "#client/chat/use-unread";
import type { WallContent } from "#client/polling/use-wall";
import { type Filter, isFiltering } from "#client/wall/filter";
import { pageWall } from "#client/wall/page-wall";
import type { Row } from "#client/wall/timeline";
import { MessageLog } from "#components/chat/message-log";
import { NewMessagesPill, newMessages } from "#components/chat/new-messages-pill";
import { WideRibbon } from "#components/chat/wide-ribbon";
import type { RowActions } from "#components/message/row-actions";
import { AfterPaint, NONE } from "#components/ui/after-paint";
import { later } from "#components/ui/later";
import type { Notice } from "#components/ui/toast";
import type { Comment } from "#schema/comment";
import { ANONYMOUS } from "#schema/limits";

const { store, reachBack } = pageWall;

const loadWelcome = async () => (await import("./welcome")).Welcome;

const EmptyWall = later(async () => (await import("./empty-wall")).EmptyWall);
const HoleMarker = later(async () => (await import("./hole-marker")).HoleMarker);
const Toast = later(async () => (await import("../ui/toast")).Toast);

interface LogPaneProps {
  wall: WallContent;
  log: ReturnType<typeof useLog>;
  filter: Filter;
  unread: Unread;
  /** The reader's name and colour, as the wall shows them. */
  self: Author;
  actions: RowActions;
  notice: Notice | null;
  onNoticeClose: () => void;
}

/** The scrolling message log, with its new-messages pill and the notice of what just happened. */
export function LogPane(props: LogPaneProps) {
  const { wall, log, filter, unread, self, actions, notice, onNoticeClose } = props;
  const { isAtBottom, isNewestInView, toBottom } = log;
  const isFiltered = isFiltering(filter);

  const holeAbove = ({ id }: Row, index: number) => {
    const isFirst = index === 0 && log.before === undefined;
    // Under a filter, one button at the top loads all missing messages, and only on request.
    const holeId = isFiltered ? isFirst && wall.comments[0]?.id : id;
    if (!holeId || !wall.holes.has(holeId)) return null;
    return (
      <Suspense key={holeId}>
        <HoleMarker id={holeId} isEager={!isFiltered} full={wall.full} onReach={reach} />
      </Suspense>
    );
  };

  return (
    <div className="relative min-h-0">
      {/* Tab leads to a row in it (client/chat/keyboard/log-stops.ts). */}
      <main ref={log.scroller} tabIndex={-1}>
        <MessageLog
          content={log.content}
          rows={log.rows}
          loaded={wall.loaded}
          isLive={isAtBottom && !isFiltered}
          lineKey={isFiltered ? null : lineKeyOf(log.rows, log.before, unread.lineId)}
          holeAbove={holeAbove}
          empty={
            <Suspense>
              <EmptyWall isFiltered={isFiltered} />
            </Suspense>
          }
          originalOf={originalOf}
          answering={wall.answering}
          ownName={self.username}
          isOwn={({ isOwn, message: { username, color } }) =>
            isOwn ||
            // Readers without a name can't be told apart.
            (username !== ANONYMOUS && username === self.username && color === self.color)
          }
          query={filter.text}
          actions={actions}
        />
      </main>
      <AfterPaint load={loadWelcome} props={NONE} />
      <WideRibbon wall={wall} log={log} />
      <NewMessagesPill
        count={unread.count}
        isHidden={isAtBottom || isNewestInView}
        onClick={() => {
          toBottom();
          // The pill, which has the focus, is about to disappear.
          log.scroller.current?.focus({ preventScroll: true });
        }}
      />
      {notice && (
        <Suspense>
          <Toast notice={notice} onClose={onNoticeClose} />
        </Suspense>
      )}
      <p role="status" className="sr-only">
        {notice?.text ?? (!isAtBottom && unread.count > 0 ? newMessages(unread.count) : "")}
      </p>
    </div>
  );
}

/** Loads the messages missing in a hole, from the side where the reader is. */
async function reach(id: string, isBelow: boolean): Promise<void> {
  if (!isBelow || store.snapshot().comments[0]?.id === id) return reachBack(id);
  const { reachOn } = await import("#client/wall/reach");
  await reachOn(id);
}

function originalOf(id: string): Comment | undefined {
  return store.get(id);
}

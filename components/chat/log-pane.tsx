import { lineKeyOf, type useLog } from "#client/chat/use-log";
import type { Unread } from "#client/chat/use-unread";
import type { WallContent } from "#client/polling/use-wall";
import { type Filter, isFiltering } from "#client/wall/filter";
import { pageWall } from "#client/wall/page-wall";
import type { Row } from "#client/wall/timeline";
import { EmptyWall } from "#components/chat/empty-wall";
import { HoleMarker } from "#components/chat/hole-marker";
import { MessageLog } from "#components/chat/message-log";
import type { RowActions } from "#components/chat/message-row";
import { NewMessagesPill, newMessages } from "#components/chat/new-messages-pill";
import { WideRibbon } from "#components/chat/wide-ribbon";
import type { Comment } from "#schema/comment";

const { store, reachBack } = pageWall;

interface LogPaneProps {
  wall: WallContent;
  log: ReturnType<typeof useLog>;
  filter: Filter;
  unread: Unread;
  ownName: string;
  actions: RowActions;
}

/** The scrolling message log with its new-messages pill. */
export function LogPane({ wall, log, filter, unread, ownName, actions }: LogPaneProps) {
  const { isAtBottom, toBottom } = log;
  const isFiltered = isFiltering(filter);

  const holeAbove = ({ id }: Row, index: number) => {
    const isFirst = index === 0 && log.before === undefined;
    // Under a filter, one button at the top loads all missing messages, and only on request.
    const holeId = isFiltered ? isFirst && wall.comments[0]?.id : id;
    if (!holeId || !wall.holes.has(holeId)) return null;
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
    <div className="relative min-h-0">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable by keyboard. */}
      <main ref={log.scroller} tabIndex={0}>
        <MessageLog
          content={log.content}
          rows={log.rows}
          loaded={wall.loaded}
          isLive={isAtBottom && !isFiltered}
          lineKey={isFiltered ? null : lineKeyOf(log.rows, log.before, unread.lineId)}
          holeAbove={holeAbove}
          empty={isFiltered ? <NothingFound /> : <EmptyWall />}
          originalOf={originalOf}
          ownName={ownName}
          query={filter.text}
          actions={actions}
        />
      </main>
      <WideRibbon wall={wall} log={log} />
      <NewMessagesPill count={unread.count} isAtBottom={isAtBottom} onClick={toBottom} />
      <p role="status" className="sr-only">
        {!isAtBottom && unread.count > 0 ? newMessages(unread.count) : ""}
      </p>
    </div>
  );
}

function originalOf(id: string): Comment | undefined {
  return store.get(id);
}

function NothingFound() {
  return <p className="my-auto py-12 text-center text-quiet">No matches in loaded messages.</p>;
}

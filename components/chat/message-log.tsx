import { Fragment, type ReactNode, type RefObject } from "react";
import type { Row } from "#client/wall/timeline";
import { DaySeparator } from "#components/chat/day-separator";
import { LogSkeleton } from "#components/chat/log-skeleton";
import { MessageRow, type RowDeeds } from "#components/chat/message-row";
import { UnreadLine } from "#components/chat/unread-line";
import type { Comment } from "#schema/comment";

interface MessageLogProps {
  content: RefObject<HTMLDivElement | null>;
  rows: readonly Row[];
  loaded: boolean;
  /** Whether what is added is news: not while a reader goes through the past. */
  isLive: boolean;
  /** The row before which the unread line stands, by its key. */
  lineKey: string | null;
  /** Stands above a row where older messages are missing. */
  holeAbove: (row: Row, index: number) => ReactNode;
  /** Shown in place of rows when there are none. */
  empty: ReactNode;
  originalOf: (id: string) => Comment | undefined;
  ownName: string;
  query: string;
  deeds: RowDeeds;
}

/**
 * The log is there, empty and busy, before history fills it: a live region announces what is added
 * after it was mounted, and history is not news.
 */
export function MessageLog(props: MessageLogProps) {
  const { content, rows, loaded, isLive, lineKey, holeAbove, empty } = props;
  const { originalOf, ownName, query, deeds } = props;
  return (
    <div ref={content} className="column log">
      {!loaded && rows.length === 0 && <LogSkeleton />}
      {loaded && rows.length === 0 && empty}
      <div
        role="log"
        aria-label="Messages"
        aria-busy={!loaded}
        aria-live={isLive ? "polite" : "off"}
      >
        {rows.map((row, index) => (
          <Fragment key={row.key}>
            {holeAbove(row, index)}
            {row.startsDay && <DaySeparator timestamp={row.message.timestamp} />}
            {row.key === lineKey && <UnreadLine />}
            <MessageRow
              rowKey={row.key}
              id={row.id}
              message={row.message}
              outgoing={row.outgoing}
              startsGroup={row.startsGroup || row.key === lineKey}
              original={row.message.replyTo ? originalOf(row.message.replyTo) : undefined}
              ownName={ownName}
              query={query}
              deeds={deeds}
            />
          </Fragment>
        ))}
      </div>
    </div>
  );
}

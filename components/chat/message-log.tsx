import { Fragment, type ReactNode, type RefObject, useEffect, useState } from "react";
import type { Row } from "#client/wall/timeline";
import { DaySeparator } from "#components/chat/day-separator";
import { LogSkeleton } from "#components/chat/log-skeleton";
import { UnreadLine } from "#components/chat/unread-line";
import { MessageRow } from "#components/message/message-row";
import type { RowActions } from "#components/message/row-actions";
import type { Comment } from "#schema/comment";

/** Browsers tell screen readers about rows after they are added: those added before this are no news. */
const ANNOUNCE_AFTER_MS = 500;

interface MessageLogProps {
  content: RefObject<HTMLDivElement | null>;
  rows: readonly Row[];
  loaded: boolean;
  /** Whether new rows are announced: not while the reader scrolls through the past. */
  isLive: boolean;
  /** Key of the row below the unread line. */
  lineKey: string | null;
  /** Rendered above a row where older messages are missing. */
  holeAbove: (row: Row, index: number) => ReactNode;
  /** Rendered in place of rows when there are none. */
  empty: ReactNode;
  originalOf: (id: string) => Comment | undefined;
  /** Names of the bots that are answering, by the ids of the messages. */
  answering: ReadonlyMap<string, string>;
  ownName: string;
  /** Whether the row looks like the reader's own. */
  isOwn: (row: Row) => boolean;
  query: string;
  actions: RowActions;
}

/**
 * The log is mounted empty and busy before the messages load: a live region announces only what is
 * added after mounting, and older messages must not be announced. Nor must those that return when a
 * search is closed.
 */
export function MessageLog(props: MessageLogProps) {
  const { content, rows, loaded, isLive, lineKey, holeAbove, empty } = props;
  const { originalOf, answering, ownName, isOwn, query, actions } = props;
  const isAnnouncing = useSettled(isLive && loaded);
  return (
    <div ref={content} className="column log">
      {!loaded && rows.length === 0 && <LogSkeleton />}
      {loaded && rows.length === 0 && empty}
      <div
        role="log"
        aria-label="Messages"
        aria-busy={!loaded}
        aria-live={isAnnouncing ? "polite" : "off"}
      >
        {rows.map((row, index) => {
          const hole = holeAbove(row, index);
          const isAnswer =
            row.message.type === "bot" &&
            !hole &&
            row.message.replyTo === (rows[index - 1]?.id ?? "");
          return (
            <Fragment key={row.key}>
              {hole}
              {row.startsDay && <DaySeparator timestamp={row.message.timestamp} />}
              {row.key === lineKey && <UnreadLine />}
              <MessageRow
                rowKey={row.key}
                id={row.id}
                message={row.message}
                outgoing={row.outgoing}
                startsGroup={row.startsGroup || row.key === lineKey}
                isOwn={isOwn(row)}
                isAnswer={isAnswer}
                answeredBy={answering.get(row.id ?? "")}
                original={row.message.replyTo ? originalOf(row.message.replyTo) : undefined}
                ownName={ownName}
                query={query}
                actions={actions}
              />
            </Fragment>
          );
        })}
      </div>
    </div>
  );
}

/** Turns true some time after `isOn`, and false with it. */
function useSettled(isOn: boolean): boolean {
  const [isSettled, setSettled] = useState(false);
  useEffect(() => {
    if (!isOn) return setSettled(false);
    const timer = setTimeout(() => setSettled(true), ANNOUNCE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [isOn]);
  return isOn && isSettled;
}

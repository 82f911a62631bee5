import { Fragment, memo, type RefObject } from "react";
import type { Row } from "#client/timeline";
import { DaySeparator } from "#components/day-separator";
import { EmptyWall } from "#components/empty-wall";
import { LogSkeleton } from "#components/log-skeleton";
import { MessageRow } from "#components/message-row";

interface MessageLogProps {
  content: RefObject<HTMLDivElement | null>;
  rows: readonly Row[];
  loaded: boolean;
  onRetry: (nonce: string) => void;
  onDiscard: (nonce: string) => void;
}

/**
 * The log is there, empty and busy, before history fills it: a live region announces what is added
 * after it was mounted, and history is not news.
 */
export const MessageLog = memo(function MessageLog({
  content,
  rows,
  loaded,
  onRetry,
  onDiscard,
}: MessageLogProps) {
  return (
    <div ref={content} className="column flex min-h-full flex-col justify-end pt-6 pb-3">
      {!loaded && rows.length === 0 && <LogSkeleton />}
      {loaded && rows.length === 0 && <EmptyWall />}
      <div role="log" aria-label="Messages" aria-busy={!loaded}>
        {rows.map(({ key, message, outgoing, startsGroup, startsDay }) => (
          <Fragment key={key}>
            {startsDay && <DaySeparator timestamp={message.timestamp} />}
            <MessageRow
              message={message}
              outgoing={outgoing}
              startsGroup={startsGroup}
              onRetry={onRetry}
              onDiscard={onDiscard}
            />
          </Fragment>
        ))}
      </div>
    </div>
  );
});

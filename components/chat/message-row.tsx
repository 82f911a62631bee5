import { memo } from "react";
import { useNear } from "#client/browser/use-near";
import { tintOf } from "#client/chat/tint";
import type { OutgoingMessage } from "#client/wall/outbox";
import type { Shown } from "#client/wall/timeline";
import { MessageActions } from "#components/chat/message-actions";
import { MessageText } from "#components/chat/message-text";
import { MessageTime, timeOf } from "#components/chat/message-time";
import { MoreActions } from "#components/chat/more-actions";
import { ReplyQuote } from "#components/chat/reply-quote";
import { OutgoingNotice } from "#components/composer/outgoing-notice";
import type { Comment } from "#schema/comment";

/** Actions on a row; the same functions for every row, so that rows stay memoized. */
export interface RowActions {
  retry: (nonce: string) => void;
  discard: (nonce: string) => void;
  reply: (id: string) => void;
  jump: (id: string) => void;
  /** Jumps, and puts the message's permalink into the address bar. */
  visit: (id: string) => void;
  author: (username: string) => void;
  copyLink: (id: string) => void;
  mute: (id: string) => void;
  report: (id: string) => void;
  takeDown: (id: string) => void;
}

interface MessageRowProps {
  rowKey: string;
  id?: string | undefined;
  message: Shown;
  outgoing?: OutgoingMessage | undefined;
  startsGroup: boolean;
  /** The reader's own, which can't be muted. */
  isOwn?: boolean;
  /** The comment it answers, if this page has it loaded. */
  original: Comment | undefined;
  /** The reader's own name, and the search text. */
  ownName: string;
  query: string;
  actions: RowActions;
}

/** One message. User text is only ever rendered as a text node. */
export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  const { rowKey, id, message, outgoing, startsGroup, original, ownName, query, actions } = props;
  const { timestamp, text, username, color, type, replyTo } = message;
  const { isHovered, isFocused, handlers } = useNear();
  const isOwn = props.isOwn || outgoing !== undefined;
  return (
    <article
      id={id}
      data-key={rowKey}
      data-state={outgoing?.state ?? "sent"}
      data-type={type}
      data-own={isOwn || undefined}
      data-focus={isFocused || undefined}
      tabIndex={-1}
      aria-label={`${username}, ${timeOf(timestamp)}`}
      {...handlers}
      className={`message group relative ps-4 ${startsGroup ? "mt-4 first:mt-0" : ""}`}
      style={tintOf(color)}
    >
      {startsGroup && (
        <header className="flex items-baseline gap-2 pb-0.5">
          <button
            type="button"
            title={`Show only messages by ${username}`}
            className="author"
            onClick={() => actions.author(username)}
          >
            <bdi>{username}</bdi>
          </button>
          {type === "bot" && <span className="badge">bot</span>}
          <MessageTime
            timestamp={timestamp}
            id={id}
            className="group-time"
            onJump={actions.visit}
          />
        </header>
      )}
      {replyTo && <ReplyQuote id={replyTo} original={original} onJump={actions.jump} />}
      <MessageText text={text} name={ownName} query={query} />
      {!startsGroup && (
        <MessageTime timestamp={timestamp} id={id} className="row-time" onJump={actions.visit} />
      )}
      {id && (isHovered || isFocused) && (
        <MessageActions
          rowId={id}
          onReply={() => actions.reply(id)}
          onCopyLink={() => actions.copyLink(id)}
          onMute={isOwn ? undefined : () => actions.mute(id)}
        >
          <MoreActions id={id} onReport={actions.report} onTakeDown={actions.takeDown} />
        </MessageActions>
      )}
      {outgoing && (
        <OutgoingNotice message={outgoing} onRetry={actions.retry} onDiscard={actions.discard} />
      )}
    </article>
  );
});

import { memo, Suspense } from "react";
import { useNear } from "#client/browser/use-near";
import { tintOf } from "#client/chat/tint";
import type { OutgoingMessage } from "#client/wall/outbox";
import type { Shown } from "#client/wall/timeline";
import { MessageText } from "#components/message/message-text";
import { MessageTime, timeOf } from "#components/message/message-time";
import { ReplyQuote } from "#components/message/reply-quote";
import type { RowActions } from "#components/message/row-actions";
import { BotGlyph } from "#components/ui/bot-glyph";
import { later } from "#components/ui/later";
import type { Comment } from "#schema/comment";

const AnsweringLine = later(async () => (await import("./answering-line")).AnsweringLine);
const OutgoingNotice = later(
  async () => (await import("../composer/outgoing-notice")).OutgoingNotice,
);
const MessageActions = later(async () => (await import("./message-actions")).MessageActions);

interface MessageRowProps {
  rowKey: string;
  id?: string | undefined;
  message: Shown;
  outgoing?: OutgoingMessage | undefined;
  startsGroup: boolean;
  /** Looks like the reader's own. */
  isOwn?: boolean;
  /** A bot's answer to the row just above, which needs no quote. */
  isAnswer?: boolean;
  /** The bot that is answering it. */
  answeredBy?: string | undefined;
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
  const { isAnswer, answeredBy } = props;
  const { timestamp, text, username, color, type, replyTo } = message;
  const { isHovered, isFocused, handlers } = useNear();
  const textId = `${rowKey}-text`;
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
      aria-describedby={textId}
      {...handlers}
      className={`message relative ps-4 ${startsGroup ? "mt-4 first:mt-0" : ""}`}
      style={tintOf(color)}
    >
      {startsGroup && (
        <header>
          <button
            type="button"
            title={`Show only messages by ${username}`}
            className="author"
            onClick={() => actions.author(username)}
          >
            <bdi>{username}</bdi>
          </button>
          {type === "bot" && (
            <span className="badge">
              <BotGlyph />
              <span>bot</span>
            </span>
          )}
          <MessageTime
            timestamp={timestamp}
            id={id}
            className="group-time"
            onJump={actions.visit}
          />
        </header>
      )}
      {replyTo && !isAnswer && (
        <ReplyQuote
          id={replyTo}
          original={original}
          onJump={(quoted) => actions.follow(quoted, id)}
        />
      )}
      <MessageText
        id={textId}
        text={text}
        name={ownName}
        query={query}
        isMarkdown={type === "bot"}
      />
      {!startsGroup && (
        <MessageTime timestamp={timestamp} id={id} className="row-time" onJump={actions.visit} />
      )}
      {id && (isHovered || isFocused) && (
        <Suspense>
          <MessageActions id={id} isOwn={isOwn} actions={actions} />
        </Suspense>
      )}
      {answeredBy && (
        <Suspense>
          <AnsweringLine name={answeredBy} />
        </Suspense>
      )}
      {outgoing && outgoing.state !== "sending" && (
        <Suspense>
          <OutgoingNotice message={outgoing} onNotice={actions.notify} />
        </Suspense>
      )}
    </article>
  );
});
